import type { TestReport } from "../../../../contracts/run-events.ts";
import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import { modes } from "../../../../domain/run/modes.ts";
import { isTestPath } from "../../../../domain/run/test-command.ts";
import { compareTests, readTestResults } from "../../../../domain/run/test-results.ts";
import { testTimeoutMs } from "../tools/definitions/commands.ts";
import type { StepContext } from "./deps.ts";
import { facts } from "./facts.ts";
import { layChanges } from "./lay-changes.ts";
import { baseDir, checkDir, ensureWorkspace, laneDir, sandboxId, sandboxOf, seedLane } from "./workspace.ts";

const outputTailCharacters = 8_000;

/** A lane with the report of its tests. */
export interface LaneReport {
  readonly lane: LaneView;
  readonly report: TestReport;
}

const notRun: TestReport = { command: null, before: null, after: null, regression: null, cases: null };

/** The command that runs a lane's tests, or null. Runs that were inspected before it became an event have it as a fact. */
export function testCommandOf({ journal }: Pick<StepContext, "journal">, lane: LaneView): string | null {
  return lane.testCommand ?? (lane.folder === "" ? facts.legacyTestCommand.read(journal) : undefined) ?? null;
}

/**
 * Runs the tests of these lanes. The repositories of the run lie side by side as in the agent's work, so that a consumer's tests can
 * see the patched library; for a bug fix the patch's own tests also run alone on the bases, where they must fail. Throws PortError.
 */
export async function testLanes(context: StepContext, lanes: readonly LaneView[]): Promise<readonly LaneReport[]> {
  const tested = lanes.filter((lane) => testCommandOf(context, lane) !== null);
  if (tested.length === 0) return lanes.map((lane) => ({ lane, report: notRun }));
  await ensureWorkspace(context);
  await checkOut(context, baseDir, () => []);
  const before = await runAll(context, baseDir, tested);
  await checkOut(context, checkDir, (lane) => context.journal.work(lane.id));
  const after = await runAll(context, checkDir, tested);
  const regression = await runRegression(context, tested);
  return lanes.map((lane) => {
    const [first, second] = [before.get(lane.id), after.get(lane.id)];
    if (first === undefined || second === undefined) return { lane, report: notRun };
    return {
      lane,
      report: {
        command: testCommandOf(context, lane),
        before: measured(first),
        after: measured(second),
        cases: compareTests(readTestResults(first.output), readTestResults(second.output)),
        regression: regression.get(lane.id) ?? null,
      },
    };
  });
}

/** Seeds every lane of the run below `root` and lays changes on it. */
async function checkOut(
  context: StepContext,
  root: typeof baseDir | typeof checkDir,
  changesOf: (lane: LaneView) => ReturnType<StepContext["journal"]["work"]>,
): Promise<void> {
  const { journal } = context;
  for (const lane of chosenLanes(journal.view())) {
    await seedLane(context, lane, root);
    await layChanges(sandboxOf(context), sandboxId(journal.spec.runId), laneDir(root, lane), changesOf(lane));
  }
}

/** Runs only the patch's tests on the bases, in a run that has to prove a bug. */
async function runRegression(
  context: StepContext,
  lanes: readonly LaneView[],
): Promise<ReadonlyMap<string, NonNullable<TestReport["regression"]>>> {
  const { journal } = context;
  const testsOf = (lane: LaneView) =>
    journal.work(lane.id).filter((change) => change.status !== "deleted" && isTestPath(change.path));
  const withTests = lanes.filter((lane) => testsOf(lane).length > 0);
  const reports = new Map<string, NonNullable<TestReport["regression"]>>();
  if (!modes[journal.view().mode].needsRegressionTest || withTests.length === 0) return reports;
  await checkOut(context, baseDir, testsOf);
  const results = await runAll(context, baseDir, withTests);
  for (const lane of withTests) {
    const result = results.get(lane.id);
    if (result === undefined) continue;
    const paths = testsOf(lane).map(({ path }) => path);
    reports.set(lane.id, { paths, failedOnBase: result.exitCode !== 0, outputTail: tailOf(result.output) });
  }
  return reports;
}

interface SuiteResult {
  readonly exitCode: number;
  readonly durationMs: number;
  /** The command's output, credentials hidden. */
  readonly output: string;
}

async function runAll(
  context: StepContext,
  root: typeof baseDir | typeof checkDir,
  lanes: readonly LaneView[],
): Promise<ReadonlyMap<string, SuiteResult>> {
  const results = new Map<string, SuiteResult>();
  for (const lane of lanes) {
    const command = testCommandOf(context, lane);
    if (command !== null) results.set(lane.id, await runSuite(context, laneDir(root, lane), command));
  }
  return results;
}

async function runSuite(context: StepContext, cwd: string, command: string): Promise<SuiteResult> {
  const { journal, signal } = context;
  const result = await sandboxOf(context).exec(sandboxId(journal.spec.runId), ["sh", "-c", command], {
    cwd,
    timeoutMs: testTimeoutMs,
    maxOutputBytes: 200_000,
    execId: `tester-${cwd.replaceAll(/[^A-Za-z0-9_-]/gu, "-")}`.slice(0, 64),
    signal,
  });
  const ended = result.timedOut ? `\n(ended after ${testTimeoutMs / 1000} s)` : "";
  return {
    exitCode: result.exitCode,
    durationMs: Math.round(result.durationMs),
    output: redactSecrets(`${result.stdout}${result.stderr}${ended}`),
  };
}

function measured({ durationMs, exitCode, output }: SuiteResult): NonNullable<TestReport["before"]> {
  return { exitCode, durationMs, outputTail: tailOf(output) };
}

function tailOf(output: string): string {
  return output.slice(-outputTailCharacters).toWellFormed();
}
