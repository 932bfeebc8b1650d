import type { ToolInput } from "../tool-inputs.ts";
import { isTestFile } from "../repository.ts";
import { child, children, isSourceFile, parseFile, program, syntaxError, boundNames, word } from "../syntax.ts";
import type { FileDiff } from "./diff.ts";

export type Finding = ToolInput<"submit_review">["findings"][number];

/** The findings in the diff of one file that need no understanding of it. */
export function checkDiff(file: FileDiff): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (severity: Finding["severity"], line: number | undefined, message: string, suggestion?: string): void => {
    const place = line === undefined || line < 1 ? {} : { line };
    const repair = suggestion === undefined || line === undefined ? {} : { suggestion };
    findings.push({ path: file.path, severity, message, ...place, ...repair });
  };
  const test = isTestFile(file.path);
  for (const { line, text } of file.added) {
    if (/^(?:<{7}|>{7})(?: |$)/u.test(text)) add("blocker", line, "A merge conflict marker was left in.");
    if (!isSourceFile(file.path)) continue;
    if (/^\s*debugger\b/u.test(text))
      add("blocker", line, "`debugger` was left in.", /^\s*debugger;?\s*$/u.test(text) ? "" : undefined);
    if (/\b(?:describe|it|test|suite)\.only\(/u.test(text))
      add(
        "blocker",
        line,
        "`.only` keeps all other tests from running.",
        text.replaceAll(/\b(describe|it|test|suite)\.only\(/gu, "$1("),
      );
    if (/\b(?:describe|it|test|suite)\.(?:skip|todo)\(|\b(?:xit|xdescribe|xtest)\(|\{\s*skip:\s*true/u.test(text))
      add("major", line, "A test is skipped.");
    if (
      !test &&
      /\bconsole\.(?:log|debug|dir|trace)\(/u.test(text) &&
      !/(?:^|\/)(?:cli|bin|scripts)\b/u.test(file.path)
    )
      add(
        "minor",
        line,
        "`console` output in library code: is it meant to stay?",
        /^\s*console\.\w+\([^()]*\);?\s*$/u.test(text) ? "" : undefined,
      );
    if (/(?:\/\/|\/\*|\*).*\b(?:TODO|FIXME|XXX|HACK)\b/u.test(text)) add("note", line, "A TODO was added.");
    if (/\b(?:eval|Function)\(|child_process/u.test(text))
      add("major", line, "Code or a command is run from data: make sure that it can't come from outside.");
    if (/@ts-(?:ignore|nocheck)|eslint-disable/u.test(text)) add("minor", line, "A check was switched off.");
  }
  if (isSourceFile(file.path))
    for (const line of emptyCatches(file.added))
      add("major", line, "An error is caught and dropped: handle it, or say why it can be ignored.");
  if (test) checkTests(file, add);
  if (file.deleted.length >= 200 && file.deleted.length > file.added.length * 4)
    add(
      "major",
      undefined,
      `${file.deleted.length} lines are deleted and ${file.added.length} added: is that much meant to go?`,
    );
  if (/(?:^|\/)(?:package-lock\.json|yarn\.lock|pnpm-lock\.yaml)$/u.test(file.path))
    add("note", undefined, "The lockfile changes.");
  if (/^\.github\/workflows\/|(?:^|\/)CODEOWNERS$/u.test(file.path))
    add("major", undefined, "CI or ownership rules change.");
  return findings;
}

/** Added lines on which a `catch` without a statement begins, on one line or with its brace on the next. */
function emptyCatches(added: FileDiff["added"]): readonly number[] {
  return added.flatMap(({ line, text }, index) => {
    if (/\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}/u.test(text)) return [line];
    const next = added[index + 1];
    const opens = /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*$/u.test(text);
    return opens && next?.line === line + 1 && /^\s*\}/u.test(next.text) ? [line] : [];
  });
}

/** Source files that get new lines while no test changes: one finding, at the first of those lines. */
export function checkTestsBeside(files: readonly FileDiff[]): readonly Finding[] {
  if (files.some((file) => isTestFile(file.path))) return [];
  const changed = files.filter((file) => isSourceFile(file.path) && file.added.some(({ text }) => text.trim() !== ""));
  const [first] = changed;
  const line = first?.added.find(({ text }) => text.trim() !== "")?.line;
  if (first === undefined || line === undefined) return [];
  const others =
    changed.length === 1 ? "" : ` (and ${changed.length - 1} more source file${changed.length === 2 ? "" : "s"})`;
  return [
    { path: first.path, line, severity: "minor", message: `Code changes here${others}, and no test changes with it.` },
  ];
}

function checkTests(
  file: FileDiff,
  add: (severity: Finding["severity"], line: number | undefined, message: string) => void,
): void {
  const tests = (lines: FileDiff["added"]): number =>
    lines.filter(({ text }) => /^\s*(?:it|test|describe)(?:\.\w+)?\(/u.test(text)).length;
  const asserts = (lines: FileDiff["added"]): number =>
    lines.filter(({ text }) => /\b(?:assert\b|expect\(|t\.(?:is|equal|deepEqual|same|ok|throws)\()/u.test(text)).length;
  if (file.removed) add("blocker", undefined, "A test file was deleted.");
  else if (tests(file.deleted) > tests(file.added))
    add("blocker", undefined, `${tests(file.deleted) - tests(file.added)} test(s) fewer than before.`);
  else if (asserts(file.deleted) > asserts(file.added))
    add(
      "major",
      undefined,
      `${asserts(file.deleted) - asserts(file.added)} assertion(s) fewer than before: tests may have been weakened.`,
    );
}

/** The findings in the file's present text: whether it parses. */
export function checkFile(path: string, text: string): readonly Finding[] {
  if (!isSourceFile(path)) return [];
  const error = syntaxError(path, text);
  return error === undefined
    ? []
    : [{ path, line: error.line, severity: "blocker", message: `Does not parse: ${error.message}` }];
}

/** Exported names that the diff adds or takes away, when no documentation changes with them. */
export function checkExports(files: readonly FileDiff[]): readonly Finding[] {
  if (files.some((file) => /\.(?:md|mdx)$/iu.test(file.path))) return [];
  return files.flatMap((file) => {
    if (!isSourceFile(file.path) || isTestFile(file.path)) return [];
    const before = exportedNames(file.deleted.map(({ text }) => text));
    const after = exportedNames(file.added.map(({ text }) => text));
    const gone = [...before].filter((name) => !after.has(name));
    const fresh = [...after].filter((name) => !before.has(name));
    const line = file.added.at(0)?.line;
    const place = { path: file.path, ...(line === undefined || line < 1 ? {} : { line }) };
    return [
      ...gone.map((name): Finding => ({
        ...place,
        severity: "major",
        message: `\`${name}\` is no longer exported, and no documentation changes with it.`,
      })),
      ...fresh.map((name): Finding => ({
        ...place,
        severity: "note",
        message: `\`${name}\` is newly exported, without documentation.`,
      })),
    ];
  });
}

/** Names exported in single lines; a line that opens a block is closed so that it parses. */
function exportedNames(lines: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of lines.filter((text) => /^export\b/u.test(text))) {
    const root = parseFile("line.tsx", line) ?? parseFile("line.tsx", `${line}}`);
    for (const statement of root ? children(program(root), "body") : []) {
      const declaration = child(statement, "declaration");
      for (const name of [
        ...boundNames(child(declaration, "id")),
        ...children(declaration, "declarations").flatMap((one) => boundNames(child(one, "id"))),
      ])
        names.add(name);
      for (const specifier of children(statement, "specifiers")) names.add(word(child(specifier, "exported"), "name"));
    }
  }
  return names;
}
