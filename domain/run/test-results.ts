import type { TestCases } from "../../contracts/run-events.ts";

/** What a test runner's output says of each test by its name: true when it passed. */
export type TestResults = ReadonlyMap<string, boolean>;

const maxNames = 100;
const maxNameLength = 200;

interface Line {
  readonly passed: boolean;
  readonly name: string;
}

/** A line of one runner's report, or undefined when it is none. The patterns are linear and each line is bounded. */
const readers: readonly ((line: string) => Line | undefined)[] = [
  // TAP (https://testanything.org/tap-version-14-specification.html); what is skipped or to do proves nothing.
  (line) => {
    const [, not, name] = /^(not )?ok \d+(?: - (.*))?$/u.exec(line) ?? [];
    return name === undefined || /#\s*(?:skip|todo)/iu.test(name) ? undefined : { passed: not === undefined, name };
  },
  // node:test's spec reporter, Vitest, Jest, Mocha.
  (line) => {
    const [, mark, name] = /^([✔✓✖✕×✗]) (.+)$/u.exec(line) ?? [];
    return mark === undefined || name === undefined ? undefined : { passed: mark === "✔" || mark === "✓", name };
  },
  // pytest -v, and its short summary.
  (line) => {
    const [, name, word] = /^(\S+::\S.*?) (PASSED|FAILED|ERROR)(?:\s+\[ *\d+%\])?$/u.exec(line) ?? [];
    if (name !== undefined) return { passed: word === "PASSED", name };
    const [, , failed] = /^(FAILED|ERROR) (\S+::\S+)/u.exec(line) ?? [];
    return failed === undefined ? undefined : { passed: false, name: failed };
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
 * Reads the tests out of a runner's output: TAP, node:test, Vitest, Jest and Mocha in their listing reporters, pytest -v, go test
 * -v, cargo test. Unknown output gives an empty map. A name that comes twice passed only if it passed each time.
 */
export function readTestResults(output: string): TestResults {
  const results = new Map<string, boolean>();
  for (const raw of output.split("\n")) {
    // oxlint-disable-next-line no-control-regex -- colour codes of a terminal
    const line = raw
      .slice(0, 1000)
      .replaceAll(/\u001B\[[\d;]*m/gu, "")
      .trim();
    const read = readers.map((reader) => reader(line)).find((found) => found !== undefined);
    if (read === undefined) continue;
    const name = read.name
      .replace(/\s+\(?\d+(?:\.\d+)?\s?m?s\)?$/u, "")
      .trim()
      .slice(0, maxNameLength)
      .toWellFormed();
    if (name !== "") results.set(name, (results.get(name) ?? true) && read.passed);
  }
  return results;
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
