import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import { gitBlobId } from "../../../../domain/hash.ts";
import { maxPatchSetBytes } from "../../../../domain/patch-set/apply-check.ts";
import { filterProblem } from "../../../../domain/patch-set/filters.ts";
import { patchSetHash } from "../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { chosenLanes, rootPath } from "../../../../domain/run/lanes.ts";
import { PortError } from "../../../ports/errors.ts";
import { ToolError } from "../tools/context.ts";
import type { StepContext } from "./deps.ts";
import { facts } from "./facts.ts";
import type { JournalWrite } from "./journal.ts";
import { layChanges, removeIfThere } from "./lay-changes.ts";
import { baseCommitOf, seedBase, seedCommitOf } from "./seed-base.ts";
import { destroyedOnAbort, openSandbox, sandboxId, sandboxOf } from "./sandboxes.ts";

export { sandboxId, sandboxOf } from "./sandboxes.ts";
export { baseCommitOf } from "./seed-base.ts";

/**
 * The folder inside `/workspace` that holds the work. A run over one repository has it at the folder itself; a run over several has a
 * folder below for each.
 */
export const workDir = "repo";

/** A lane's directory below the workspace's folder. */
export function laneDir(root: typeof workDir, lane: Pick<LaneView, "folder">): string {
  return lane.folder === "" ? root : `${root}/${lane.folder}`;
}

/**
 * Opens the run's sandbox and restores the work of every lane as the journal last saved it. After a crash or a lost sandbox the
 * bases are seeded again and the saved changes are laid on them. Throws PortError.
 */
export async function ensureWorkspace(context: StepContext): Promise<void> {
  const { epoch, journal } = context;
  const id = sandboxId(journal.spec.runId);
  const handle = await openSandbox(context, id);
  const before = facts.workspaceGeneration.read(journal);
  if (before === handle.generation) return;
  const { events, restored } = await destroyedOnAbort(context, id, () => layOutWork(context));
  const opened: NewRunEvent = {
    type: "sandbox.opened",
    data: { driver: handle.driver, generation: handle.generation, restored },
  };
  journal.commit(
    {
      events: [opened, ...(before === undefined ? events : [])],
      facts: facts.workspaceGeneration.write(handle.generation),
    },
    epoch,
  );
}

/** Seeds the base of every lane and lays its saved work on it. */
async function layOutWork(
  context: StepContext,
): Promise<{ readonly events: readonly NewRunEvent[]; readonly restored: boolean }> {
  const { journal } = context;
  const events: NewRunEvent[] = [];
  let restored = false;
  await removeLeftOut(context);
  for (const lane of chosenLanes(journal.view())) {
    const seeded = await seedLane(context, lane, workDir);
    const saved = journal.work(lane.id);
    restored ||= saved.length > 0;
    await layChanges(sandboxOf(context), sandboxId(journal.spec.runId), laneDir(workDir, lane), saved);
    events.push({ type: "repository.seeded", data: { repositoryId: lane.id, ...seeded } });
  }
  return { events, restored };
}

/** Removes the folders of repositories that take no part, because changes in them would be lost. */
async function removeLeftOut(context: StepContext): Promise<void> {
  const { journal } = context;
  const leftOut = journal.view().lanes.filter(({ folder, isChosen }) => folder !== "" && !isChosen);
  for (const lane of leftOut)
    await removeIfThere(sandboxOf(context), sandboxId(journal.spec.runId), laneDir(workDir, lane));
}

/**
 * Lays a lane's seed commit out in its directory below `root`, in the sandbox of the work unless another is named. Times in
 * milliseconds. Throws PortError.
 */
export async function seedLane(
  context: StepContext,
  lane: LaneView,
  root: Parameters<typeof laneDir>[0],
  id: string = sandboxId(context.journal.spec.runId),
): Promise<{
  readonly baseCommit: string;
  readonly fileCount: number;
  readonly sizeBytes: number;
  readonly durationMs: number;
}> {
  const { deps } = context;
  const startedAtMs = deps.nowMs();
  const { fileCount, sizeBytes } = await seedBase(context, lane, { id, dir: laneDir(root, lane) });
  const durationMs = Math.max(0, deps.nowMs() - startedAtMs);
  return { fileCount, sizeBytes, baseCommit: seedCommitOf(context, lane), durationMs };
}

/** The part of a journal write that saves the lanes whose work changed. */
export type SavedWork = Pick<JournalWrite, "work"> & {
  readonly events: readonly NewRunEvent[];
  /** Files, with the reason, whose content the repository's filters would have changed; such work can't be proposed. */
  readonly unfiltered: readonly string[];
};

/** The work can't be saved as it is. The message is for the model: the reason, and the way out. */
export class UnsavableWork extends ToolError {
  override readonly name = "UnsavableWork";
}

/**
 * Reads the work of every lane and returns the write that saves those in which it differs from the journal. The bytes are hashed here,
 * outside the sandbox; a blob id that the sandbox reports is not believed. Throws UnsavableWork over a patch set's size and for a path that
 * can't be read, and PortError.
 */
export async function saveWork(context: StepContext): Promise<SavedWork> {
  const { journal } = context;
  const sandbox = sandboxOf(context);
  const events: NewRunEvent[] = [];
  const unfiltered: string[] = [];
  const work: { repositoryId: string; changes: readonly TreeChange[] }[] = [];
  for (const lane of chosenLanes(journal.view())) {
    const read = await sandbox
      .changes(sandboxId(journal.spec.runId), laneDir(workDir, lane), { maxBytes: maxPatchSetBytes })
      .catch((error: unknown) => {
        throw unsavable(lane, error) ?? error;
      });
    const changes = read.map(({ filter, ...change }): TreeChange => {
      if (change.bytes === undefined) return change;
      const problem = filter === undefined ? undefined : filterProblem(filter, change.bytes);
      if (problem !== undefined) unfiltered.push(`${JSON.stringify(rootPath(lane, change.path))}: ${problem}`);
      return { ...change, afterBlob: gitBlobId(change.bytes) };
    });
    const base = baseCommitOf(lane);
    const digest = patchSetHash(lane.id, base, changes);
    if (digest === patchSetHash(lane.id, base, journal.work(lane.id))) continue;
    const sizeBytes = changes.reduce((sum, change) => sum + (change.bytes?.length ?? 0), 0);
    work.push({ repositoryId: lane.id, changes });
    events.push({
      type: "workspace.saved",
      data: { repositoryId: lane.id, digest, fileCount: changes.length, sizeBytes },
    });
  }
  return { events, unfiltered, ...(work.length === 0 ? {} : { work }) };
}

/** The fault of the work for which it can't be read from the sandbox; undefined for a fault of the sandbox. */
function unsavable({ folder }: LaneView, error: unknown): UnsavableWork | undefined {
  if (!(error instanceof PortError)) return undefined;
  if (error.code === "too_large") return new UnsavableWork(tooMuchWork);
  if (error.code !== "unreadable") return undefined;
  const place = folder === "" ? "" : ` in ${folder}`;
  return new UnsavableWork(
    `The work${place} can't be saved or proposed: ${error.message}. What was saved before is kept. Make it readable for its owner (chmod -R u+rwX on that path), or remove it.`,
  );
}

const tooMuchWork = `The changes together hold more than ${maxPatchSetBytes} bytes or too many files, so they can't be saved or proposed. What was saved before is kept. Remove large or generated files, or name them in .gitignore.`;

/** The work of a lane once a write is stored: the write's own, or else the journal's. */
export function workAfter(
  { journal }: Pick<StepContext, "journal">,
  saved: SavedWork,
  lane: Pick<LaneView, "id">,
): readonly TreeChange[] {
  return saved.work?.find(({ repositoryId }) => repositoryId === lane.id)?.changes ?? journal.work(lane.id);
}
