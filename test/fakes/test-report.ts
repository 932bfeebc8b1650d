import type { TestReport, TestSuite } from "../../contracts/test-report.ts";

/** A run of tests with this exit code and these counts: passed, failed, skipped. */
export function suite(exitCode: number, [passed, failed, skipped = 0]: readonly number[] = [1, 0]): TestSuite {
  return { exitCode, durationMs: 1, outputTail: "", ran: { passed: passed ?? 0, failed: failed ?? 0, skipped } };
}

/** A report of a patch whose tests prove it: those of the base and its own ran and passed. Fields given replace its own. */
export function provenReport(fields: Partial<TestReport>): TestReport {
  const held = { ...suite(0), leftOut: [], cases: null };
  const whole = { before: suite(0), after: suite(0), held, regression: null, cases: null, findings: [] };
  return { command: "npm test", ...whole, ...fields };
}
