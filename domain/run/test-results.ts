import type { TestCases } from "../../contracts/run-events.ts";

/** The tests that a runner's output reports, by name: true when the test passed. */
export type TestResults = ReadonlyMap<string, boolean>;

const maxNames = 100;
const maxNameLength = 200;

interface Line {
  readonly passed: boolean;
  readonly name: string;
  /** True for a line of the list of failures at the end, whose names are longer than those of the report. */
  readonly isSummary?: boolean;
}

/** Facts that earlier lines of the output have shown. */
interface Seen {
  /** The last comment of a TAP report: tape names the test there and only its assertions in the results. */
  heading: string;
  /** Mocha marks a failed test by a number alone, which other output has too. */
  readonly isMocha: boolean;
  inMochaSummary: boolean;
}

/** A line of one runner's report, or undefined when it is none. The patterns are linear and each line is bounded. */
const readers: readonly ((line: string, seen: Seen) => Line | undefined)[] = [
  // TAP (https://testanything.org/tap-version-14-specification.html); a test that is skipped or to do proves nothing.
  (line, seen) => {
    seen.heading = /^# (?!Subtest)(.+)$/u.exec(line)?.[1] ?? seen.heading;
    const [, not, dash, text] = /^(not )?ok \d+ (- )?(.*)$/u.exec(line) ?? [];
    if (text === undefined || /#\s*(?:skip|todo)/iu.test(text) || (dash === undefined && seen.heading === ""))
      return undefined;
    return { passed: not === undefined, name: dash === undefined ? `${seen.heading}: ${text}` : text };
  },
  // node:test's spec reporter, Vitest, Jest, Mocha.
  (line) => {
    const [, mark, name] = /^([✔✓✖✕×✗✘]) (.+)$/u.exec(line) ?? [];
    if (mark === undefined || name === undefined || isHeading(name)) return undefined;
    return { passed: mark === "✔" || mark === "✓", name };
  },
  // Mocha's failed tests, in its report and in the list at the end.
  (line, seen) => {
    if (/^\d+ failing$/u.test(line)) seen.inMochaSummary = true;
    const name = seen.isMocha ? /^\d+\) (.+?):?$/u.exec(line)?.[1] : undefined;
    return name === undefined ? undefined : { passed: false, name, isSummary: seen.inMochaSummary };
  },
  // pytest -v, and its short summary.
  (line) => {
    const [, name, word] = /^(\S+::\S.*?) (PASSED|FAILED|ERROR)(?:\s+\[ *\d+%\])?$/u.exec(line) ?? [];
    if (name !== undefined) return { passed: word === "PASSED", name };
    const [, , failed] = /^(FAILED|ERROR) (\S+::\S+)/u.exec(line) ?? [];
    return failed === undefined ? undefined : { passed: false, name: failed };
  },
  // Python's unittest -v
  (line) => {
    const [, name, word] = /^(\w+ \([\w.]+\)) \.\.\. (ok|FAIL|ERROR)$/u.exec(line) ?? [];
    return name === undefined ? undefined : { passed: word === "ok", name };
  },
  // go test -v
  (line) => {
    const [, word, name] = /^--- (PASS|FAIL): (\S+)/u.exec(line) ?? [];
    return name === undefined ? undefined : { passed: word === "PASS", name };
  },
  // cargo test
  (line) => {
    const [, name, word] = /^test (\S.*?) \.\.\. (ok|FAILED)$/u.exec(line) ?? [];
    return name === undefined ? undefined : { passed: word === "ok", name };
  },
];

/**
 * Reads the tests out of a runner's output: TAP, tape, node:test, Vitest, Jest and Mocha in their listing reporters, pytest -v,
 * unittest -v, go test -v, cargo test. Unknown output gives an empty map. A name that comes twice passed only if it passed each time.
 */
export function readTestResults(output: string): TestResults {
  const results = new Map<string, boolean>();
  for (const { isSummary, name, passed } of testLines(output))
    if (isSummary !== true) results.set(name, (results.get(name) ?? true) && passed);
  return results;
}

/**
 * Names of the tests that failed, as the output has them, each once and in its order. A suite, which fails with its tests, is left
 * out unless only suites are named.
 */
export function failingTests(output: string): readonly string[] {
  const names = [...new Set(testLines(output).flatMap(({ name, passed }) => (passed ? [] : [name])))];
  const suites = new Set(plainLines(output).flatMap((line) => cleanName(/^▶ (.+)$/u.exec(line)?.[1] ?? "") || []));
  const tests = names.filter((name) => !suites.has(name));
  return tests.length > 0 ? tests : names;
}

function testLines(output: string): readonly Line[] {
  const lines = plainLines(output);
  const isMocha = lines.some((line) => /^\d+ (?:passing|failing)\b/u.test(line));
  const seen: Seen = { heading: "", isMocha, inMochaSummary: false };
  return lines.flatMap((line) => {
    const read = readers.map((reader) => reader(line, seen)).find((found) => found !== undefined);
    const name = cleanName(read?.name ?? "");
    return read === undefined || name === "" ? [] : [{ ...read, name }];
  });
}

/** The lines without indent and without a terminal's colours, each bounded. */
export function plainLines(output: string): readonly string[] {
  return output.split("\n").map((line) =>
    line
      .slice(0, 1000)
      .replaceAll(/\u001B\[[\d;]*m/gu, "")
      .trim(),
  );
}

/** A heading of a reporter, `failing tests:`, or a file with the number of its tests. */
function isHeading(name: string): boolean {
  return (
    /^(?:\w+ )?(?:failing|failed|passing|passed|skipped) tests?\b[^a-z]*$/iu.test(name) ||
    /\(\d+ tests?(?: \|[^)]*)?\)/u.test(name)
  );
}

/** A test's name without the time that it took. */
function cleanName(name: string): string {
  return name
    .replace(/\s+\(?\d+(?:\.\d+)?\s?m?s\)?$/u, "")
    .trim()
    .slice(0, maxNameLength)
    .toWellFormed();
}

/** Which tests changed between two runs; null when the output of neither could be read. At most 100 names a list. */
export function compareTests(before: TestResults, after: TestResults): TestCases | null {
  if (before.size === 0 && after.size === 0) return null;
  const named = (fits: (was: boolean | undefined, is: boolean | undefined) => boolean): string[] =>
    [...new Set([...before.keys(), ...after.keys()])]
      .filter((name) => fits(before.get(name), after.get(name)))
      .slice(0, maxNames);
  const count = (results: TestResults, passed: boolean): number =>
    [...results.values()].filter((result) => result === passed).length;
  return {
    before: { passed: count(before, true), failed: count(before, false) },
    after: { passed: count(after, true), failed: count(after, false) },
    fixed: named((was, is) => was === false && is === true),
    broken: named((was, is) => was === true && is === false),
    stillFailing: named((was, is) => was === false && is === false),
    added: named((was, is) => was === undefined && is === true),
    addedFailing: named((was, is) => was === undefined && is === false),
    removed: named((was, is) => was !== undefined && is === undefined),
  };
}

/** The comparison in one line for people: `2 fixed, 1 new`. Empty lists are left out. */
export function describeTests(cases: TestCases): string {
  const parts = [
    [cases.fixed.length, "fixed"],
    [cases.broken.length, "broken"],
    [cases.added.length, "new"],
    [cases.addedFailing.length, "new and failing"],
    [cases.stillFailing.length, "failing as before"],
    [cases.removed.length, "gone"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.length === 0 ? "none changed" : said.join(", ");
}
