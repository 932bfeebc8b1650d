import type { GateResult, TestReport } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run.ts";
import { modes } from "../run/modes.ts";

/**
 * The meaning of a test report: `fail` when tests fail after the patch, or when no test fails without a bug fix, neither the
 * base's own nor one that the patch brings; `skipped` when there was nothing to run.
 *
 * @param isProvenElsewhere whether another repository of the run has the test that proves the bug fix
 */
export function testVerdict(
  mode: RunMode,
  tests: TestReport | undefined,
  isProvenElsewhere: boolean = false,
): GateResult["status"] {
  if (tests === undefined || tests.command === null || tests.after === null) return "skipped";
  if (tests.after.exitCode !== 0) return "fail";
  if (modes[mode].needsRegressionTest && !provesFix(tests) && !isProvenElsewhere) return "fail";
  return "pass";
}

/** Whether a test fails without the patch and passes with it, as far as exit codes tell. */
export function provesFix(tests: TestReport): boolean {
  return tests.before?.exitCode !== 0 || tests.regression?.failedOnBase === true;
}

/** The verdict over all repositories of a run: one that fails fails it, and one that proves a bug fix proves it for all. */
export function runVerdict(mode: RunMode, reports: readonly TestReport[]): GateResult["status"] {
  const isProven = reports.some((report) => report.after?.exitCode === 0 && provesFix(report));
  const verdicts = reports.map((report) => testVerdict(mode, report, isProven));
  if (verdicts.includes("fail")) return "fail";
  return verdicts.includes("pass") ? "pass" : "skipped";
}
