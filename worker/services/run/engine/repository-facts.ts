import { asText } from "../../../../domain/patch-set/text.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { detectTests, testManifests, type TestedFiles } from "../../../../domain/run/detect-tests.ts";
import { hasFolders } from "../../../../domain/run/lanes.ts";
import { PortError } from "../../../ports/errors.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { laneDir, sandboxId, sandboxOf, workDir } from "./workspace.ts";

/** The command that runs a lane's tests, with what a person should know about where it comes from. */
export interface FoundTests {
  readonly command: string | null;
  /** Undefined where the command is the project's own, or plainly npm's. */
  readonly notice: { readonly level: "info" | "warning"; readonly message: string } | undefined;
}

const inSettings = "Another command can be set in the project's settings.";

/** The project's test command for a lane, or the one that the repository's files ask for. Throws PortError. */
export async function findTests(context: StepContext, lane: LaneView): Promise<FoundTests> {
  const { testCommand } = repositoryOf(context.journal.spec, lane.id);
  if (testCommand !== null) return { command: testCommand, notice: undefined };
  const named = hasFolders(context.journal.view()) ? `${lane.owner}/${lane.name}` : "This repository";
  const detected = detectTests(await testedFiles(context, lane));
  if (detected === undefined) {
    const missing = `${named} has no test command that its files name, so tests can't prove the change. Gate G4 will say so. One can be set in the project's settings.`;
    return { command: null, notice: { level: "warning", message: missing } };
  }
  const { command, from, otherwise, program } = detected;
  if (program === "npm") return { command, notice: undefined };
  if (await hasProgram(context, lane, program))
    return {
      command,
      notice: { level: "info", message: `${named} is tested by \`${command}\`, as ${from} says. ${inSettings}` },
    };
  const lacks = `${named} is tested by \`${command}\`, as ${from} says, but the sandbox has no ${program}.`;
  const instead =
    otherwise === undefined
      ? `Tests can't prove the change, and gate G4 will say so.`
      : `\`${otherwise}\` runs its test script instead.`;
  return { command: otherwise ?? command, notice: { level: "warning", message: `${lacks} ${instead} ${inSettings}` } };
}

/** The paths of a lane's work and the texts that tell how it is tested. */
async function testedFiles(context: StepContext, lane: LaneView): Promise<TestedFiles> {
  const dir = laneDir(workDir, lane);
  const id = sandboxId(context.journal.spec.runId);
  // The root by itself too, since a large repository's whole list is cut.
  const root = await sandboxOf(context).list(id, dir, { limit: 5_000 });
  const all = await sandboxOf(context).list(id, dir, { recursive: true, limit: 20_000 });
  const files = [...root.entries, ...all.entries].filter(({ kind }) => kind !== "directory");
  const paths = [...new Set(files.map(({ path }) => path))];
  const texts = new Map<string, string | undefined>();
  for (const name of testManifests)
    if (paths.includes(name)) texts.set(name, await readLaneText(context, lane, name, 1_000_000));
  return { paths, text: (name) => texts.get(name) };
}

async function hasProgram(context: StepContext, lane: LaneView, program: string): Promise<boolean> {
  const found = await sandboxOf(context).exec(
    sandboxId(context.journal.spec.runId),
    // A word of the detection's own table, never of the repository.
    ["sh", "-c", `command -v ${program}`],
    { cwd: laneDir(workDir, lane), timeoutMs: 10_000, maxOutputBytes: 1_000 },
  );
  return found.exitCode === 0;
}

/** A text file of a lane's work, at most `maxBytes` of it; undefined when there is none, or no text. Throws PortError. */
export async function readLaneText(
  context: StepContext,
  lane: LaneView,
  path: string,
  maxBytes: number,
): Promise<string | undefined> {
  try {
    const file = `${laneDir(workDir, lane)}/${path}`;
    const { bytes } = await sandboxOf(context).readFile(sandboxId(context.journal.spec.runId), file, { maxBytes });
    return asText(bytes);
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return undefined;
    throw error;
  }
}
