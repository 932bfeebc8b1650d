import type { PromptPart } from "../../../../contracts/run-events.ts";
import {
  folderOf,
  instructionFiles,
  instructionText,
  maxInstructionBytes,
  maxNestedBytes,
  maxNestedRead,
  nestedHeading,
  nestedInstructionFiles,
  unreadNestedText,
} from "../../../../domain/instruction/repository-files.ts";
import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import { shownName } from "../../../../domain/policy/shown-name.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { rootPath } from "../../../../domain/run/lanes.ts";
import { PortError } from "../../../ports/errors.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { baseCommitOf, laneDir, sandboxId, sandboxOf, workDir } from "./workspace.ts";

/**
 * A repository's own instructions, as data of the repository layer: nothing in them is run. Files below the root count for their folder;
 * those that find no room are named. Under review they come from the base: the author of the pull request must not instruct the reviewer.
 */
export async function readRepositoryInstructions(context: StepContext, lane: LaneView): Promise<readonly PromptPart[]> {
  const part = (path: string, text: string): PromptPart => ({
    layer: "repository",
    source: shownName(rootPath(lane, path)),
    text: redactSecrets(text),
  });
  const root = await firstRead(context, lane, instructionFiles);
  const parts = root === undefined ? [] : [part(root.path, instructionText(root))];
  const nested = await listNested(context, lane);
  const unread = nested.slice(maxNestedRead).map((path) => rootPath(lane, path));
  let roomBytes = maxNestedBytes;
  for (const path of nested.slice(0, maxNestedRead)) {
    const read = await readInstructions(context, lane, path);
    if (read === undefined) continue;
    if (read.sizeBytes > roomBytes) {
      unread.push(rootPath(lane, path));
      continue;
    }
    roomBytes -= read.sizeBytes;
    parts.push(part(path, `${nestedHeading(rootPath(lane, folderOf(path)))}\n\n${instructionText(read)}`));
  }
  if (unread.length > 0) parts.push(part("further folders", unreadNestedText(unread)));
  return parts;
}

interface InstructionFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
}

/** The first of these files that exists and is not blank. */
async function firstRead(
  context: StepContext,
  lane: LaneView,
  paths: readonly string[],
): Promise<InstructionFile | undefined> {
  for (const path of paths) {
    const read = await readInstructions(context, lane, path);
    if (read !== undefined) return read;
  }
  return undefined;
}

async function listNested(context: StepContext, lane: LaneView): Promise<readonly string[]> {
  const { entries } = await sandboxOf(context).list(sandboxId(context.journal.spec.runId), laneDir(workDir, lane), {
    recursive: true,
    limit: 50_000,
  });
  return nestedInstructionFiles(entries.filter(({ kind }) => kind === "file").map(({ path }) => path));
}

/** An instruction file of the base; undefined when there is none, or it is blank. Throws PortError. */
async function readInstructions(
  context: StepContext,
  lane: LaneView,
  path: string,
): Promise<InstructionFile | undefined> {
  const { deps, journal } = context;
  try {
    // The workspace still stands at the base here, except under review.
    const { bytes, sizeBytes } =
      journal.view().reviewed === undefined
        ? await sandboxOf(context).readFile(sandboxId(journal.spec.runId), `${laneDir(workDir, lane)}/${path}`, {
            maxBytes: maxInstructionBytes,
          })
        : await deps.forge
            .getFile(repositoryOf(journal.spec, lane.id), baseCommitOf(lane), path)
            .then((whole) => ({ bytes: whole.subarray(0, maxInstructionBytes), sizeBytes: whole.length }));
    const isBlank = bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
    return isBlank ? undefined : { path, bytes, sizeBytes };
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return undefined;
    throw error;
  }
}
