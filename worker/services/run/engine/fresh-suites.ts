import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import { readSuite, type ReadSuite } from "../../../../domain/run/read-suite.ts";
import { reporterFor } from "../../../../domain/run/structured-tests.ts";
import { testScript } from "../../../../domain/run/test-command.ts";
import { isTestPath } from "../../../../domain/run/test-paths.ts";
import { PortError } from "../../../ports/errors.ts";
import { testTimeoutMs } from "../tools/definitions/commands.ts";
import type { StepContext } from "./deps.ts";
import { layChanges } from "./lay-changes.ts";
import { KeptSuites, type EndedSuite } from "./kept-suites.ts";
import { destroyedOnAbort, openSandbox, sandboxId, sandboxOf } from "./sandboxes.ts";
import { laneDir, seedLane, workDir } from "./workspace.ts";

/** The result of one test command. */
export interface SuiteResult {
  readonly exitCode: number;
  readonly durationMs: number;
  /** The end of the command's output, credentials hidden. */
  readonly outputTail: string;
  /** The tests that ran, as far as they can be read. */
  readonly read: ReadSuite;
}

/** A lane with the command that runs its tests. */
export interface TestedLane {
  readonly lane: LaneView;
  readonly command: string;
  /** The text that the command runs in the end; undefined where the runner is asked for no report of its own. */
  readonly script: string | undefined;
}

type ChangesOf = (lane: LaneView) => readonly TreeChange[];

const maxOutputBytes = 1_000_000;
const outputTailCharacters = 8_000;
const maxTestFiles = 40;
const maxTestBytes = 100_000;
const maxReportBytes = 4_000_000;

/**
 * Runs each lane's tests on the bases with these changes, every lane in a sandbox of its own: nothing that the coder, or the tests of
 * another lane, left in files, home or processes is there. The repositories of the run lie side by side as in the agent's work, so that
 * a consumer's tests see the patched library. Suites that ended before the process died are not run again. Throws PortError.
 *
 * @param kind names these runs among those of the step
 */
export async function runPatched(
  context: StepContext,
  kind: "after" | "held" | "regression",
  lanes: readonly TestedLane[],
  changesOf: ChangesOf,
): Promise<ReadonlyMap<string, SuiteResult>> {
  const results = new Map<string, SuiteResult>();
  const kept = new KeptSuites(context);
  for (const tested of lanes) {
    const name = `${kind}:${tested.lane.id}`;
    const known = kept.find(name);
    if (known === undefined)
      await inFreshSandbox(context, changesOf, async (id) => {
        const ended = await runSuite(context, id, tested);
        kept.keep(name, ended);
        results.set(tested.lane.id, ended);
      });
    else results.set(tested.lane.id, known);
  }
  return results;
}

/** The runs on the bases, with what was learned about them. */
export interface BaseRuns {
  readonly results: ReadonlyMap<string, SuiteResult>;
  /** The lanes as they are to be run from here on. */
  readonly lanes: readonly TestedLane[];
  /** Texts of the bases' own test files. */
  readonly testTexts: readonly string[];
}

/**
 * Runs the lanes' tests on the untouched bases, one after the other. A runner that fails without the report that it was asked for does not get
 * along with it: it runs again without, here and later. Throws PortError.
 */
export async function runBases(
  context: StepContext,
  lanes: readonly Pick<TestedLane, "lane" | "command">[],
): Promise<BaseRuns> {
  const results = new Map<string, SuiteResult>();
  const known: TestedLane[] = [];
  const testTexts: string[] = [];
  const unchanged: ChangesOf = () => [];
  const kept = new KeptSuites(context);
  await inFreshSandbox(context, unchanged, async (id) => {
    for (const { lane } of lanes) testTexts.push(...(await readTests(context, id, lane)));
    for (const { command, lane } of lanes) {
      const manifest = await readText(context, id, `${laneDir(workDir, lane)}/package.json`);
      const asked: TestedLane = { lane, command, script: scriptOf(command, manifest) };
      const run = async (name: string, tested: TestedLane): Promise<EndedSuite> => {
        const before = kept.find(name);
        if (before !== undefined) return before;
        const ended = await runSuite(context, id, tested);
        kept.keep(name, ended);
        return ended;
      };
      const first = await run(`before:${lane.id}`, asked);
      const isAtOdds = first.exitCode !== 0 && first.isReportMissing;
      const tested = isAtOdds ? { ...asked, script: undefined } : asked;
      known.push(tested);
      results.set(lane.id, isAtOdds ? await run(`before-plain:${lane.id}`, tested) : first);
    }
  });
  return { results, lanes: known, testTexts };
}

/** Opens the tester's sandbox anew, lays every lane out in it with these changes, and destroys it after the work. */
async function inFreshSandbox(
  context: StepContext,
  changesOf: ChangesOf,
  work: (id: string) => Promise<void>,
): Promise<void> {
  const { journal } = context;
  const id = `${sandboxId(journal.spec.runId)}-tester`;
  const sandbox = sandboxOf(context);
  // One that a crash left behind holds what tests have done to it.
  await sandbox.destroy(id);
  await openSandbox(context, id);
  await destroyedOnAbort(context, id, async () => {
    for (const lane of chosenLanes(journal.view())) {
      await seedLane(context, lane, workDir, id);
      await layChanges(sandbox, id, laneDir(workDir, lane), changesOf(lane));
    }
    await work(id);
  });
  await sandbox.destroy(id);
}

async function runSuite(context: StepContext, id: string, { command, lane, script }: TestedLane): Promise<EndedSuite> {
  const cwd = laneDir(workDir, lane);
  // Beside the repository, under a name that the code in it does not know beforehand.
  const file = `report-${Math.floor(context.deps.random() * 2 ** 52).toString(36)}`;
  const reporter = script === undefined ? undefined : reporterFor(command, script, `/workspace/${file}`);
  const result = await sandboxOf(context).exec(id, ["sh", "-c", `${command}${reporter?.args ?? ""}`], {
    cwd,
    ...(reporter === undefined ? {} : { env: reporter.env }),
    timeoutMs: testTimeoutMs,
    maxOutputBytes,
    execId: `tester-${cwd.replaceAll(/[^A-Za-z0-9_-]/gu, "-")}`.slice(0, 64),
    signal: context.signal,
  });
  const report = reporter === undefined ? undefined : await readText(context, id, file);
  const ended = result.timedOut ? `\n(ended after ${testTimeoutMs / 1000} s)` : "";
  const output = redactSecrets(`${result.stdout}${result.stderr}${ended}`);
  return {
    exitCode: result.exitCode,
    durationMs: Math.round(result.durationMs),
    outputTail: output.slice(-outputTailCharacters).toWellFormed(),
    read: readSuite(output, report === undefined ? undefined : redactSecrets(report), result.truncated),
    isReportMissing: reporter !== undefined && report === undefined,
  };
}

/** A text file of the tester's sandbox; undefined where there is none, or one too large to be read whole. */
async function readText(context: StepContext, id: string, path: string): Promise<string | undefined> {
  try {
    const { bytes, sizeBytes } = await sandboxOf(context).readFile(id, path, { maxBytes: maxReportBytes });
    return sizeBytes > maxReportBytes ? undefined : new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return undefined;
    throw error;
  }
}

/** The script of package.json that a package manager's test command runs, or the command itself. */
function scriptOf(command: string, packageJson: string | undefined): string | undefined {
  if (!/^(?:npm test --|(?:pnpm|yarn) test|bun run test)$/u.test(command)) return command;
  return testScript(packageJson ?? "");
}

/** The texts of a base's own test files, as far as bounds allow. */
async function readTests(context: StepContext, id: string, lane: LaneView): Promise<readonly string[]> {
  const sandbox = sandboxOf(context);
  const dir = laneDir(workDir, lane);
  const { entries } = await sandbox.list(id, dir, { recursive: true, limit: 20_000 });
  const files = entries.filter(({ kind, path }) => kind === "file" && isTestPath(path)).slice(0, maxTestFiles);
  const texts: string[] = [];
  for (const { path } of files) {
    const { bytes } = await sandbox.readFile(id, `${dir}/${path}`, { maxBytes: maxTestBytes });
    texts.push(new TextDecoder().decode(bytes));
  }
  return texts;
}
