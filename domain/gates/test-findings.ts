import { isSymlinkMode } from "../../contracts/file-mode.ts";
import type { TestFinding } from "../../contracts/test-report.ts";
import { redactSecrets } from "../policy/secrets.ts";
import { configuresRunner, textOf, type FileSides } from "../run/held-changes.ts";
import { changedTestFields } from "../run/npm-tests.ts";
import { isEnvironmentPath, isRunnerPath, isTestPath } from "../run/test-paths.ts";
import { specialCases } from "./special-cases.ts";

const maxFindings = 50;
const maxShown = 120;

/** Marks by which a test is left out, or by which only others run. */
const skips: readonly RegExp[] = [
  /\b(?:test|it|describe|suite|context|specify|bench|t|self)\.(?:concurrent\.|sequential\.)?(?:skip|skipIf|runIf|todo|fails|failing|fixme)\b/u,
  /\b(?:xit|xtest|xdescribe|xcontext|xspecify|xexample)\b/u,
  /\bthis\.skip\(|[{,]\s*(?:skip|todo)\s*[:,}]/u,
  /@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure)|skip\w*|expectedFailure)\b/u,
  /\b(?:pytest\.(?:skip|xfail|importorskip)|self\.skipTest|raise (?:unittest\.)?SkipTest|pytestmark|collect_ignore\w*|__test__)\b/u,
  /\b[tb]\.Skip(?:Now|f)?\(|^\s*\/\/(?:go:build|\s*\+build)/u,
  /#\[(?:ignore|cfg\(any\(\)\))/u,
  /@(?:Disabled\w*|Ignore|EnabledIf\w*|DisabledIf\w*)\b|\bassume(?:True|False|That)\(/u,
  /\[(?:Ignore|Explicit|Skip)\b|\bSkip\s*=\s*"/u,
  /\bmarkTest(?:Skipped|Incomplete)\(|\bGTEST_SKIP\b|\bDISABLED_\w/u,
  /^\s*(?:pending|skip)\b(?!\s*=)/u,
];
const only =
  /\b(?:test|it|describe|suite|context|specify)\.only\b|\b(?:fit|fdescribe|ftest)\s*\(|[{,]\s*only\s*:\s*true/u;
/** Test declarations, with the name in the last group. */
const declarations: readonly RegExp[] = [
  /\b(?:test|it|describe|suite|specify)(?:\.\w+)*\s*\(\s*(["'`])(.{1,200}?)\1/u,
  /^\s*(?:async )?def (test\w*)\s*\(/u,
  /^\s*func (Test\w+)\s*\(/u,
  /^\s*(?:it|specify|test|describe|context|example)\s+["'](.{1,200}?)["']/u,
];
/** Source files that hold tests between their code. */
const inlineTests = /^\s*#\[(?:\w+::)*test\b|^\s*#\[cfg\(test\)\]|^\s*>>> |^\s*if import\.meta\.vitest\b/mu;

/**
 * Every place in which a patch changes, leaves out or goes around the base's own tests, in the patch's order: at most 50. New tests and
 * tests that moved to another file unchanged are none. `testTexts`: the base's own test files, to recognise code that knows their values.
 */
export function testFindings(sides: readonly FileSides[], testTexts: readonly string[] = []): readonly TestFinding[] {
  const tested = sides.filter(holdsTests);
  const kept = countLines(tested.map(({ after }) => textOf(after)));
  const had = countLines(tested.map(({ before }) => textOf(before)));
  const ownTexts = [
    ...testTexts,
    ...tested.map(({ after }) => textOf(after)),
    ...tested.map(({ before }) => textOf(before)),
  ];
  const findings = sides.flatMap((side) => [
    ...runnerFindings(side),
    ...(tested.includes(side)
      ? [...lostFindings(side, kept), ...skipFindings(side, had)]
      : specialCases(side, ownTexts)),
  ]);
  return findings.slice(0, maxFindings);
}

function holdsTests({ after, before, change }: FileSides): boolean {
  if (isTestPath(change.path)) return true;
  return inlineTests.test(textOf(before)) || inlineTests.test(textOf(after));
}

function runnerFindings({ after, before, change }: FileSides): readonly TestFinding[] {
  const { path } = change;
  const found = (kind: TestFinding["kind"], message: string): readonly TestFinding[] => [
    { kind, path, line: null, message },
  ];
  if (isEnvironmentPath(path))
    return found(
      "test-environment-changed",
      "This file reaches into every command that runs beside it, the tests among them.",
    );
  if (isRunnerPath(path) || configuresRunner(path, before, after))
    return found("test-runner-changed", "This configures which tests run and how.");
  if (isSymlinkMode(change.afterMode) && isTestPath(`${path}/`))
    return found("test-runner-changed", "A link stands where tests are looked for.");
  if (!/(?:^|\/)package\.json$/u.test(path) || before === undefined) return [];
  const fields = changedTestFields(textOf(before), textOf(after));
  if (fields.length === 0) return [];
  return found("test-command-changed", `The patch changes how tests are run: ${fields.slice(0, 10).join(", ")}.`);
}

/** Lines of the base's tests that no test file of the patch has any more. Takes them out of `kept`. */
function lostFindings({ after, before, change }: FileSides, kept: Map<string, number>): readonly TestFinding[] {
  if (before === undefined) return [];
  const lost = significantLines(textOf(before)).filter(({ text }) => {
    const left = kept.get(text) ?? 0;
    if (left > 0) kept.set(text, left - 1);
    return left === 0;
  });
  const [first] = lost;
  const { path } = change;
  if (first === undefined) return [];
  if (after === undefined) {
    const message = `Tests that were there are deleted${namesText(textOf(before))}.`;
    return [{ kind: "test-deleted", path, line: null, message }];
  }
  const gone = lost.flatMap(({ line, text }) => {
    const name = nameIn(text);
    if (name === undefined || textOf(after).includes(name)) return [];
    return [{ kind: "test-deleted" as const, path, line, message: `The test ${JSON.stringify(name)} is gone.` }];
  });
  const isBinary = before.includes(0);
  const shown = isBinary ? "" : `, first: ${shorten(first.text)}`;
  const changed: TestFinding = {
    kind: "test-changed",
    path,
    line: isBinary ? null : first.line,
    message: `${lost.length === 1 ? "1 line" : `${lost.length} lines`} of tests that were there changed or are gone${shown}`,
  };
  return [...gone.slice(0, 5), changed];
}

/** Marks on tests that were there, and marks anywhere by which other tests no longer run. */
function skipFindings({ after, before, change }: FileSides, had: ReadonlyMap<string, number>): readonly TestFinding[] {
  const added = significantLines(textOf(after)).filter(({ text }) => !had.has(text));
  const marked = added.find(
    ({ text }) => only.test(text) || (before !== undefined && skips.some((skip) => skip.test(text))),
  );
  if (marked === undefined) return [];
  const message = `Tests are left out: ${shorten(marked.text)}`;
  return [{ kind: "test-skipped", path: change.path, line: marked.line, message }];
}

interface Line {
  readonly line: number;
  readonly text: string;
}

/** The lines that say something: no blanks, brackets, imports or comments. A comment that marks a test does. */
function significantLines(text: string): readonly Line[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.slice(0, 2000).trim().replace(/[,;]$/u, "");
    const isMark = skips.some((skip) => skip.test(line));
    if (
      !isMark &&
      (/^[\s(){}[\];,]*$/u.test(line) ||
        /^(?:\/\/|#(?!\[)|\*|\/\*|--|import\b|from\b|use\b|using\b|package\b|require\b|(?:const|let|var)\b.*\brequire\()/u.test(
          line,
        ))
    )
      return [];
    return [{ line: index + 1, text: line }];
  });
}

function countLines(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of texts.flatMap((each) => significantLines(each))) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function nameIn(line: string): string | undefined {
  for (const declaration of declarations) {
    const name = declaration.exec(line)?.at(-1);
    if (name !== undefined) return name.slice(0, maxShown);
  }
  return undefined;
}

function namesText(text: string): string {
  const names = text.split("\n").flatMap((line) => nameIn(line.slice(0, 2000)) ?? []);
  return names.length === 0
    ? ""
    : `: ${names
        .slice(0, 5)
        .map((name) => JSON.stringify(name))
        .join(", ")}`;
}

function shorten(line: string): string {
  return redactSecrets(line).slice(0, maxShown).toWellFormed();
}
