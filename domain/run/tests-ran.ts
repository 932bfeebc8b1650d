import type { TestsRan } from "../../contracts/test-report.ts";
import { plainLines, readTestResults } from "./test-results.ts";

type Counts = { -readonly [Key in keyof TestsRan]: TestsRan[Key] };
type Reader = (line: string, counts: Counts) => boolean;

/** Words of summaries and the count that they speak of. Others, such as totals and retries, are passed over. */
const wordCounts: Readonly<Record<string, keyof TestsRan | undefined>> = {
  pass: "passed",
  passed: "passed",
  passing: "passed",
  xpassed: "passed",
  fail: "failed",
  failed: "failed",
  failing: "failed",
  failures: "failed",
  failure: "failed",
  error: "failed",
  errors: "failed",
  cancelled: "failed",
  skip: "skipped",
  skipped: "skipped",
  skips: "skipped",
  ignored: "skipped",
  pending: "skipped",
  todo: "skipped",
  xfailed: "skipped",
  deselected: "skipped",
};

/** `2 failed, 3 tests passed`. */
const numberFirst = /(?<number>\d+) (?:tests? )?(?<word>[A-Za-z]+)/gu;
/** `Failed: 2, Passed: 3`, `failures=2`, `# pass 3`. */
const wordFirst = /(?<word>[A-Za-z]+)(?::|=| ) *(?<number>\d+)/gu;

/** The summaries of the runners, each added up over the whole output, since one command may call a runner several times. */
const summaries: readonly Reader[] = [
  // node:test's spec reporter, TAP and tape: one count a line.
  counted(/^[ℹ#] (?:tests|pass|fail|cancelled|skipped|todo) +\d+$/u, wordFirst),
  // Mocha and Bun.
  counted(/^\d+ (?:passing|failing|pending|pass|fail|skip)\b/u),
  // Jest and Vitest.
  counted(/^Tests:? +\d+ (?:passed|failed|skipped|todo|total)/u),
  // pytest.
  counted(/^(?:=+ )?(?:\d+ \w+(?:, )?)+ in \d[\d.]*s\b/u),
  (line) => /^(?:=+ )?no tests (?:ran|collected)\b/u.test(line),
  // cargo test, Deno.
  counted(/^(?:test result: \w+\.|(?:ok|FAILED) \|) \d+ passed/u),
  // Minitest, RSpec, ExUnit.
  totalled(/^(\d+) (?:runs|tests|examples?|doctests?|tests?), (?:\d+ assertions, )?\d+ failures?/u),
  // PHPUnit, and Maven's last line, which alone has no time.
  totalled(/^OK \((\d+) tests?, \d+ assertions?\)/u),
  totalled(
    /^(?:\[\w+\] )?Tests(?: run)?: (\d+), (?:Assertions: \d+, )?(?:Failures|Errors|Skipped)\b(?!.*Time elapsed)/u,
    wordFirst,
  ),
  // Python's unittest says the total first and the failures on a line of their own.
  totalled(/^Ran (\d+) tests? in /u, wordFirst, /^(?:FAILED|OK) \((.+)\)$/u),
  // .NET, XCTest, AVA.
  counted(/^(?:Passed|Failed)! +- +Failed: +\d+/u, wordFirst),
  totalled(/^Executed (\d+) tests?, with /u),
  counted(/^\d+ tests? (?:passed|failed|skipped)\b/u),
  // go test without -v: one line a package.
  (line, counts) => {
    const [, word, rest = ""] = /^(ok|FAIL)\s+\S+\s+(.*)$/u.exec(line) ?? [];
    if (word === undefined) return false;
    if (!rest.includes("no test")) counts[word === "ok" ? "passed" : "failed"] += 1;
    return true;
  },
  (line) => /^\?\s+\S+\s+\[no test files\]$/u.test(line),
];

/**
 * The number of tests that a runner's output speaks of, by its summary or else by the tests that it lists; null when it speaks of none,
 * which is not the same as 0.
 */
export function testsRan(output: string): TestsRan | null {
  const lines = plainLines(output);
  const read = summaries.flatMap((reader) => {
    const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
    let isSeen = false;
    for (const line of lines) isSeen = reader(line, counts) || isSeen;
    return isSeen ? [counts] : [];
  });
  const total = ({ failed, passed, skipped }: TestsRan): number => passed + failed + skipped;
  const [largest] = read.toSorted((a, b) => total(b) - total(a));
  if (largest !== undefined && total(largest) > 0) return largest;
  const named = [...readTestResults(output).values()];
  if (named.length === 0) return largest ?? null;
  const passed = named.filter(Boolean).length;
  return { passed, failed: named.length - passed, skipped: 0 };
}

/** Reads each count with its word. */
function counted(pattern: RegExp, order: RegExp = numberFirst): Reader {
  return (line, counts) => {
    if (!pattern.test(line)) return false;
    addWords(line, counts, order);
    return true;
  };
}

/** Reads a total and takes from it whatever the line, or the one that follows it, counts as failed or skipped. */
function totalled(pattern: RegExp, order: RegExp = numberFirst, more?: RegExp): Reader {
  return (line, counts) => {
    const total = pattern.exec(line)?.[1];
    const others: Counts = { passed: 0, failed: 0, skipped: 0 };
    addWords(total === undefined ? (more?.exec(line)?.[1] ?? "") : line, others, order);
    counts.failed += others.failed;
    counts.skipped += others.skipped;
    counts.passed += (total === undefined ? 0 : Number(total)) - others.failed - others.skipped;
    return total !== undefined;
  };
}

function addWords(line: string, counts: Counts, order: RegExp): void {
  for (const { groups = {} } of line.matchAll(order)) {
    const key = wordCounts[(groups["word"] ?? "").toLowerCase()];
    if (key !== undefined) counts[key] += Number(groups["number"]);
  }
}
