import type { TestSuite } from "./test-report.ts";

/** The end of a test run in words: `pass, 3 tests`, `fail (exit code 1), 1 of 3 tests fails`, `exit code 0, no test seen`. */
export function suiteText(suite: Pick<TestSuite, "exitCode" | "ran"> | null): string {
  if (suite === null) return "not run";
  const { exitCode, ran } = suite;
  const total = ran === null ? 0 : ran.passed + ran.failed;
  if (exitCode !== 0) {
    const failed = ran === null || ran.failed === 0 ? "" : `, ${ran.failed} of ${total} tests failed`;
    return `fail (exit code ${exitCode})${failed}`;
  }
  if (ran === null) return "exit code 0, but no test was seen to run";
  const skipped = ran.skipped === 0 ? "" : `, ${ran.skipped} skipped`;
  if (total === 0) return `exit code 0, but 0 tests ran${skipped}`;
  return `pass, ${total === 1 ? "1 test" : `${total} tests`}${skipped}`;
}
