import type { TestCases, TestReport, TestSuite } from "../../contracts/test-report.ts";
import type { RunMode } from "../../contracts/run.ts";
import { modes } from "../run/modes.ts";

/**
 * The things that a test report can say. `pass`: the base's own tests ran against the patch and passed, and so did the patch's. `fail`:
 * the patch is at fault, and its author is told. `not_proven` and `not_run`: tests can't tell, so a person decides.
 */
export interface TestVerdict {
  readonly status: "pass" | "fail" | "not_proven" | "not_run";
  /** Sentences for people about the proof that is missing; empty for a pass. */
  readonly reasons: readonly string[];
}

/** The meaning of a test report. @param isProvenElsewhere whether another repository of the run has the test that proves the bug fix */
export function testVerdict(
  mode: RunMode,
  tests: TestReport | undefined,
  isProvenElsewhere: boolean = false,
): TestVerdict {
  if (tests === undefined) return { status: "not_run", reasons: ["No tests were run."] };
  // A change of the proof is named whatever else keeps the tests from proving anything.
  const unproven = (status: "not_run" | "not_proven", reasons: readonly string[]): TestVerdict => ({
    status,
    reasons: [...reasons, ...findingDoubts(tests)],
  });
  if (tests.command === null) return unproven("not_run", ["The repository has no test command; nothing was run."]);
  const { after, before, held } = tests;
  if (after === null || before === null) return unproven("not_run", ["No tests were run."]);
  if (after.exitCode !== 0) {
    if (!failsAlike(before, after, tests.cases))
      return { status: "fail", reasons: [`The tests fail with the patch (exit code ${after.exitCode}).`] };
    return unproven("not_proven", [failsAlikeText(after)]);
  }
  const unseen = notSeen(after);
  if (unseen !== undefined)
    return unproven("not_run", [unseen, ...(held === null || held.exitCode === 0 ? [] : heldDoubts(before, held))]);
  if (modes[mode].needsRegressionTest && !provesFix(tests) && !isProvenElsewhere)
    return { status: "fail", reasons: ["No test fails without the fix, so nothing proves the bug."] };
  const doubts = [...heldDoubts(before, held), ...findingDoubts(tests), ...maskedFailures(after)];
  return doubts.length === 0 ? { status: "pass", reasons: [] } : { status: "not_proven", reasons: doubts };
}

/** Whether a test fails without the patch and passes with it: one of the base's own, or one that the patch brings. */
export function provesFix({ before, held, regression }: TestReport): boolean {
  if (regression?.failedOnBase === true) return true;
  if (before === null || held === null || held.exitCode !== 0) return false;
  return held.cases === null ? before.exitCode !== 0 : held.cases.fixed.length > 0;
}

/** The verdict over all repositories of a run: one that fails fails it, and one that proves a bug fix proves it for all. */
export function runVerdict(mode: RunMode, reports: readonly TestReport[]): TestVerdict["status"] {
  const isProven = reports.some((report) => report.after?.exitCode === 0 && provesFix(report));
  const verdicts = reports.map((report) => testVerdict(mode, report, isProven).status);
  return (["fail", "not_proven", "pass"] as const).find((status) => verdicts.includes(status)) ?? "not_run";
}

/** Tests fail with the patch as they do without it: the patch can't be blamed for it, nor praised. */
function failsAlikeText({ exitCode }: TestSuite): string {
  return exitCode === 127 || exitCode === 126
    ? `The test command can't be started here (exit code ${exitCode}), without the patch either.`
    : "The tests fail with the patch as they do without it.";
}

/** Whether a run of tests fails as the base did: the same tests by name, else by number, else with the same exit code. */
export function failsAlike(
  before: Pick<TestSuite, "exitCode" | "ran">,
  after: Pick<TestSuite, "exitCode" | "ran">,
  cases: TestCases | null,
): boolean {
  if (before.exitCode === 0 || after.exitCode === 0) return false;
  if (cases !== null && cases.after.failed > 0) return cases.broken.length === 0 && cases.addedFailing.length === 0;
  if (cases !== null && (cases.before.failed > 0 || cases.removed.length > 0)) return false;
  if (before.ran !== null && after.ran !== null && after.ran.failed > before.ran.failed) return false;
  return before.exitCode === after.exitCode;
}

/** Why a passing run is no sign that a test ran; undefined when it is one. */
function notSeen({ ran }: TestSuite): string | undefined {
  if (ran === null) return "The command ended well, but nothing in its output says that a test ran.";
  if (ran.passed + ran.failed > 0) return undefined;
  return ran.skipped > 0 ? `0 tests ran; ${ran.skipped} were skipped.` : "0 tests ran.";
}

/** The reasons why the base's own tests don't speak for the patch. */
function heldDoubts(before: TestSuite, held: TestReport["held"]): readonly string[] {
  if (held === null) return ["The base's own tests were not run against the patch."];
  if (held.exitCode !== 0) {
    const named = [...(held.cases?.broken ?? []), ...(held.cases?.addedFailing ?? [])];
    const isAlike = failsAlike(before, held, held.cases);
    if (isAlike) return ["The base's own tests fail against the patch as they do without it."];
    return [`The base's own tests fail against the patch (exit code ${held.exitCode})${namesText(named)}.`];
  }
  const gone = held.cases?.removed ?? [];
  if (gone.length > 0) return [`Tests of the base were not seen to run against the patch${namesText(gone)}.`];
  if (before.ran === null || held.ran === null) return ["The base's own tests could not be counted."];
  if (before.ran.passed + before.ran.failed === 0)
    return ["The base has no tests of its own that ran; only the patch's did."];
  const missing = before.ran.passed - held.ran.passed;
  return missing > 0 ? [`${missing} fewer of the base's own tests pass against the patch.`] : [];
}

function findingDoubts({ findings }: TestReport): readonly string[] {
  return findings
    .slice(0, 10)
    .map(({ line, message, path }) => `${path}${line === null ? "" : `:${line}`}: ${message}`);
}

/** A command that ends well although tests failed. */
function maskedFailures({ ran }: TestSuite): readonly string[] {
  if (ran === null || ran.failed === 0) return [];
  return [`The command ended well although ${ran.failed === 1 ? "1 test" : `${ran.failed} tests`} failed.`];
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return "";
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return `: ${names
    .slice(0, 5)
    .map((name) => JSON.stringify(name))
    .join(", ")}${more}`;
}
