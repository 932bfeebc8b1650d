import type { TestFinding, TestReport } from "../../../../contracts/test-report.ts";
import { failsAlike } from "../../../../domain/gates/tests.ts";
import { testFindings } from "../../../../domain/gates/test-findings.ts";
import { shownName } from "../../../../domain/policy/shown-name.ts";
import { heldChanges, sidesOf, type FileSides, type HeldChanges } from "../../../../domain/run/held-changes.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import { modes } from "../../../../domain/run/modes.ts";
import { isTestPath } from "../../../../domain/run/test-paths.ts";
import { compareTests } from "../../../../domain/run/test-results.ts";
import type { StepContext } from "./deps.ts";
import { facts } from "./facts.ts";
import { runBases, runPatched, type SuiteResult, type TestedLane } from "./fresh-suites.ts";
import { loadBaseBlobs } from "./base-blobs.ts";

/** A lane with the report of its tests. */
export interface LaneReport {
  readonly lane: LaneView;
  readonly report: TestReport;
}

type Results = ReadonlyMap<string, SuiteResult>;

/** The command that runs a lane's tests, or null. Runs that were inspected before it became an event have it as a fact. */
export function testCommandOf({ journal }: Pick<StepContext, "journal">, lane: LaneView): string | null {
  return lane.testCommand ?? (lane.folder === "" ? facts.legacyTestCommand.read(journal) : undefined) ?? null;
}

/**
 * Runs the tests of these lanes, each time in a fresh sandbox: on the bases, with the patch sets, and where a patch set touches tests or
 * how they are run, the base's own tests against the rest of it. For a bug fix the patch's own tests also run alone on the bases, where
 * they must fail. Throws PortError.
 */
export async function testLanes(context: StepContext, lanes: readonly LaneView[]): Promise<readonly LaneReport[]> {
  const commands = lanes.flatMap((lane) => {
    const command = testCommandOf(context, lane);
    return command === null ? [] : [{ lane, command }];
  });
  const sides = await readSides(context);
  if (commands.length === 0) return lanes.map((lane) => ({ lane, report: notRun(findingsOf(sides, lane, [])) }));
  const { lanes: tested, results: before, testTexts } = await runBases(context, commands);
  const after = await runPatched(context, "after", tested, (lane) => context.journal.work(lane.id));
  const held = new Map([...sides].map(([id, each]) => [id, heldChanges(each)]));
  const apart = tested.filter(({ lane }) => (held.get(lane.id)?.leftOut.length ?? 0) > 0);
  const heldResults = await runPatched(context, "held", apart, (lane) => held.get(lane.id)?.changes ?? []);
  const regression = await runRegression(context, tested, before);
  return lanes.map((lane) => {
    const findings = findingsOf(sides, lane, testTexts);
    const command = tested.find((each) => each.lane.id === lane.id)?.command;
    const [first, second] = [before.get(lane.id), after.get(lane.id)];
    if (command === undefined || first === undefined || second === undefined) return { lane, report: notRun(findings) };
    return {
      lane,
      report: {
        command,
        before: measured(first),
        after: measured(second),
        held: heldReport(first, second, held.get(lane.id), heldResults.get(lane.id)),
        regression: regression.get(lane.id) ?? null,
        cases: compared(first, second),
        findings: [...findings],
      },
    };
  });
}

function notRun(findings: readonly TestFinding[]): TestReport {
  return {
    command: null,
    before: null,
    after: null,
    held: null,
    regression: null,
    cases: null,
    findings: [...findings],
  };
}

/** Both sides of every lane's work, by the lane. */
async function readSides(context: StepContext): Promise<ReadonlyMap<string, readonly FileSides[]>> {
  const { journal } = context;
  const sides = new Map<string, readonly FileSides[]>();
  for (const lane of chosenLanes(journal.view())) {
    const work = journal.work(lane.id);
    const read = await loadBaseBlobs(context, lane, work);
    sides.set(
      lane.id,
      sidesOf(work, (blob) => read.get(blob) ?? journal.baseBlob(blob)),
    );
  }
  return sides;
}

function findingsOf(
  sides: ReadonlyMap<string, readonly FileSides[]>,
  lane: LaneView,
  testTexts: readonly string[],
): readonly TestFinding[] {
  const found = testFindings(sides.get(lane.id) ?? [], testTexts);
  return found.map((each) => ({ ...each, path: shownName(each.path), message: shownName(each.message) }));
}

/** The base's own tests against the patch. Where the patch leaves them all as they are, the run after the patch was that run. */
function heldReport(
  before: SuiteResult,
  after: SuiteResult,
  held: HeldChanges | undefined,
  own: SuiteResult | undefined,
): NonNullable<TestReport["held"]> {
  const result = own ?? after;
  return {
    ...measured(result),
    outputTail: own === undefined ? "" : own.outputTail,
    leftOut: (held?.leftOut ?? []).map(shownName),
    cases: compared(before, result),
  };
}

/** Runs only the patch's tests on the bases, in a run that has to prove a bug. */
async function runRegression(
  context: StepContext,
  lanes: readonly TestedLane[],
  before: Results,
): Promise<ReadonlyMap<string, NonNullable<TestReport["regression"]>>> {
  const { journal } = context;
  const testsOf = (lane: LaneView) =>
    journal.work(lane.id).filter((change) => change.status !== "deleted" && isTestPath(change.path));
  const withTests = lanes.filter(({ lane }) => testsOf(lane).length > 0);
  const reports = new Map<string, NonNullable<TestReport["regression"]>>();
  if (!modes[journal.view().mode].needsRegressionTest || withTests.length === 0) return reports;
  const results = await runPatched(context, "regression", withTests, testsOf);
  for (const { lane } of withTests) {
    const [base, result] = [before.get(lane.id), results.get(lane.id)];
    if (base === undefined || result === undefined) continue;
    const paths = testsOf(lane).map(({ path }) => shownName(path));
    // A base that fails anyway says nothing about the new tests.
    const isAlike = failsAlike(measured(base), measured(result), compared(base, result));
    const failedOnBase = result.exitCode !== 0 && !isAlike;
    reports.set(lane.id, { paths, failedOnBase, outputTail: result.outputTail });
  }
  return reports;
}

function measured({ durationMs, exitCode, outputTail, read }: SuiteResult): NonNullable<TestReport["before"]> {
  return { exitCode, durationMs, outputTail, ran: read.ran };
}

/** The tests that changed, by name; null where one of the runs does not list them. */
function compared({ read: before }: SuiteResult, { read: after }: SuiteResult): TestReport["cases"] {
  if (before.results === null || after.results === null) return null;
  return compareTests(before.results, after.results);
}
