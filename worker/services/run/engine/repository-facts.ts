import type { PromptPart } from "../../../../contracts/run-events.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { rootPath } from "../../../../domain/run/lanes.ts";
import { detectTestCommand } from "../../../../domain/run/test-command.ts";
import { PortError } from "../../../ports/errors.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { baseCommitOf, laneDir, sandboxId, sandboxOf, workDir } from "./workspace.ts";

/** Files in which a repository tells agents how it wants to be worked on; the first one that exists counts. */
const instructionFiles = ["AGENTS.md", "CLAUDE.md"] as const;
const maxInstructionBytes = 30_000;

/** The project's test command for a lane, or the one that package.json names, or null. */
export async function findTestCommand(context: StepContext, lane: LaneView): Promise<string | null> {
  const { testCommand } = repositoryOf(context.journal.spec, lane.id);
  if (testCommand !== null) return testCommand;
  const text = await readLaneText(context, lane, "package.json", 1_000_000);
  return text === undefined ? null : detectTestCommand(text);
}

/**
 * A repository's own instructions, as data of the repository layer: nothing in them is run. Under review they come from the
 * base: the author of the pull request must not instruct the reviewer.
 */
export async function readRepositoryInstructions(context: StepContext, lane: LaneView): Promise<readonly PromptPart[]> {
  const isReview = context.journal.view().reviewed !== undefined;
  for (const file of instructionFiles) {
    const text = isReview
      ? await readBaseText(context, lane, file)
      : await readLaneText(context, lane, file, maxInstructionBytes);
    if (text !== undefined && text.trim() !== "")
      return [{ layer: "repository", source: rootPath(lane, file), text: redactSecrets(text) }];
  }
  return [];
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

async function readBaseText(context: StepContext, lane: LaneView, path: string): Promise<string | undefined> {
  const { deps, journal } = context;
  try {
    const bytes = await deps.forge.getFile(repositoryOf(journal.spec, lane.id), baseCommitOf(lane), path);
    return asText(bytes.slice(0, maxInstructionBytes));
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return undefined;
    throw error;
  }
}
