import { isSymlinkMode } from "../../contracts/file-mode.ts";
import type { TestFinding } from "../../contracts/test-report.ts";
import { addedLines } from "../patch-set/text.ts";
import { redactSecrets } from "../policy/secrets.ts";
import { textOf, type FileSides } from "../run/held-changes.ts";

const maxLineLength = 2000;

/** Ways in which code finds out that a test runs it. */
const knowsTests =
  /\b(?:NODE_TEST_CONTEXT|VITEST(?:_\w+)?|JEST_WORKER_ID|PYTEST_CURRENT_TEST|MOCHA_COLORS|CARGO_TARGET_TMPDIR)\b|["'](?:pytest|unittest)["'] (?:not )?in sys\.modules|\btesting\.Testing\(\)|\bflag\.Lookup\("test\.|(?:argv|execArgv|__main__)\b.{0,60}\b(?:test|pytest|jest|mocha|vitest)\b|NODE_ENV\b.{0,20}["']test["']|\.stack\b.{0,60}test/iu;
const comparison =
  /(?:={2,3}|!={1,2}|\bis\b|\bcase\b|\.equals\(|\bEquals\(|\.includes\(|\.has\(|\bin\b)\s*\(?\s*("(?:[^"\\]|\\.){0,200}"|'(?:[^'\\]|\\.){0,200}'|-?\d[\d_.]*)/gu;
const answer =
  /(?:\breturn\b|\?|=>|:)\s*("(?:[^"\\]|\\.){0,200}"|'(?:[^'\\]|\\.){0,200}'|-?\d[\d_.]*|true\b|false\b|True\b|False\b)/u;
/** Names of things, which honest code compares with every day: `"minute"`, `"GET"`. */
const word = /^["'](?:\w{0,2}|[A-Za-z_-]*)["']$/u;

/**
 * Lines of a source file's change that ask whether a test runs them, or that answer a test's own input with its expected value: the
 * compared literals, as arguments, and the answered one stand on one line of `testTexts`. One number or word alone is no such input.
 */
export function specialCases(
  { after, before, change }: FileSides,
  testTexts: readonly string[],
): readonly TestFinding[] {
  if (after === undefined || after.includes(0) || isSymlinkMode(change.afterMode)) return [];
  if (
    !/\.(?:[cm]?[jt]sx?|vue|svelte|py|go|rs|java|kts?|scala|groovy|cs|fs|swift|php|rb|lua|c|h|cc|cpp|cxx|ex|exs|dart)$/u.test(
      change.path,
    )
  )
    return [];
  const lines = addedLines(textOf(before), textOf(after)).map(({ line, text }) => ({
    line,
    text: text.slice(0, maxLineLength),
  }));
  const found = (line: number, message: string): readonly TestFinding[] => [
    { kind: "test-special-case", path: change.path, line, message },
  ];
  const aware = lines.find(({ text }) => knowsTests.test(text));
  if (aware !== undefined)
    return found(
      aware.line,
      `The code asks whether a test runs it: ${redactSecrets(aware.text.trim()).slice(0, 120).toWellFormed()}`,
    );
  for (const [index, { line, text }] of lines.entries()) {
    const asked = [...text.matchAll(comparison)].map(([, literal = ""]) => literal);
    const isInput = asked.length > 1 || asked.some((literal) => /^["']/u.test(literal) && !word.test(literal));
    if (!isInput) continue;
    const given = answer.exec(text)?.[1] ?? answer.exec(lines[index + 1]?.text ?? "")?.[1];
    if (given !== undefined && testTexts.some((test) => answers(test, asked, given)))
      return found(
        line,
        `The code answers an input of the tests by itself: ${redactSecrets(text.trim()).slice(0, 120).toWellFormed()}`,
      );
  }
  return [];
}

function answers(test: string, asked: readonly string[], given: string): boolean {
  const bare = (literal: string): string => literal.replaceAll(/^["']|["']$/gu, "");
  const input = asked.length > 1 ? asked.map(bare).join(", ") : bare(asked[0] ?? "");
  return test.split("\n").some((line) => {
    const text = line.slice(0, maxLineLength).replaceAll(/["'`]/gu, "");
    const at = text.indexOf(input);
    return at >= 0 && `${text.slice(0, at)}${text.slice(at + input.length)}`.includes(bare(given));
  });
}
