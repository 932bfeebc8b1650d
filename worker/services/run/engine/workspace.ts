import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import { gitBlobId } from "../../../../domain/hash.ts";
import { maxPatchSetBytes } from "../../../../domain/patch-set/apply-check.ts";
import { patchSetHash } from "../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import type { SandboxPort } from "../../../ports/sandbox.ts";
import type { StepContext } from "./deps.ts";
import { facts } from "./facts.ts";
import type { JournalWrite } from "./journal.ts";
import { layChanges, removeIfThere } from "./lay-changes.ts";
import { repositoryOf } from "./run-spec.ts";

/**
 * Folders inside `/workspace`: the agent's work, the untouched bases, and the bases with the patch sets laid on them. A run over one
 * repository has it at the folder itself; a run over several has a folder below for each.
 */
export const workDir = "repo";
export const baseDir = "base";
export const checkDir = "check";

/** The sandbox port of a run, by its project's settings. Throws PortError where no driver of the deployment honours them. */
export function sandboxOf({ deps, journal }: Pick<StepContext, "deps" | "journal">): SandboxPort {
  return deps.sandboxFor(journal.spec.sandbox).port;
}

/** The sandbox's id of a run. */
export function sandboxId(runId: string): string {
  return `run-${runId}`;
}

/** A lane's directory below one of the workspace's folders. */
export function laneDir(
  root: typeof workDir | typeof baseDir | typeof checkDir,
  lane: Pick<LaneView, "folder">,
): string {
  return lane.folder === "" ? root : `${root}/${lane.folder}`;
}

/**
 * Opens the run's sandbox and restores the work of every lane as the journal last saved it. After a crash or a lost sandbox the
 * bases are seeded again and the saved changes are laid on them. Throws PortError.
 */
export async function ensureWorkspace(context: StepContext): Promise<void> {
  const { deps, epoch, journal } = context;
  const { limits, port } = deps.sandboxFor(journal.spec.sandbox);
  const handle = await port.open({ id: sandboxId(journal.spec.runId), env: {}, ...limits });
  const before = facts.workspaceGeneration.read(journal);
  if (before === handle.generation) return;
  const events: NewRunEvent[] = [];
  let restored = false;
  await removeLeftOut(context);
  for (const lane of chosenLanes(journal.view())) {
    const seeded = await seedLane(context, lane, workDir);
    const saved = journal.work(lane.id);
    restored ||= saved.length > 0;
    await layChanges(port, sandboxId(journal.spec.runId), laneDir(workDir, lane), saved);
    events.push({ type: "repository.seeded", data: { repositoryId: lane.id, ...seeded } });
  }
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

/** Removes the folders of repositories that take no part, because changes in them would be lost. */
async function removeLeftOut(context: StepContext): Promise<void> {
  const { journal } = context;
  const leftOut = journal.view().lanes.filter(({ folder, isChosen }) => folder !== "" && !isChosen);
  for (const lane of leftOut)
    await removeIfThere(sandboxOf(context), sandboxId(journal.spec.runId), laneDir(workDir, lane));
}

/** The base commit of a lane. Throws before it was resolved. */
export function baseCommitOf(lane: LaneView): string {
  if (lane.baseCommit === undefined) throw new Error(`${lane.owner}/${lane.name} has no base commit yet`);
  return lane.baseCommit;
}

/** The commit that a lane's work is seeded with: the head of a pull request under review, else the base. */
export function seedCommitOf({ journal }: Pick<StepContext, "journal">, lane: LaneView): string {
  return journal.view().reviewed?.commit ?? baseCommitOf(lane);
}

/** Streams a lane's seed commit from the forge into its directory below `root`. Times in milliseconds. */
export async function seedLane(
  context: StepContext,
  lane: LaneView,
  root: Parameters<typeof laneDir>[0],
): Promise<{
  readonly baseCommit: string;
  readonly fileCount: number;
  readonly sizeBytes: number;
  readonly durationMs: number;
}> {
  const { deps, journal } = context;
  const startedAtMs = deps.nowMs();
  const commit = seedCommitOf(context, lane);
  const tarball = await deps.forge.getTarball(repositoryOf(journal.spec, lane.id), commit);
  const seeded = await sandboxOf(context).seed(sandboxId(journal.spec.runId), laneDir(root, lane), tarball, commit);
  return { ...seeded, baseCommit: commit, durationMs: Math.max(0, deps.nowMs() - startedAtMs) };
}

/** The part of a journal write that saves the lanes whose work changed. */
export type SavedWork = Pick<JournalWrite, "work"> & { readonly events: readonly NewRunEvent[] };

/**
 * Reads the work of every lane and returns the write that saves those in which it differs from the journal. The bytes are hashed here,
 * outside the sandbox; a blob id that the sandbox reports is not believed.
 */
export async function saveWork(context: StepContext): Promise<SavedWork> {
  const { journal } = context;
  const sandbox = sandboxOf(context);
  const events: NewRunEvent[] = [];
  const work: { repositoryId: string; changes: readonly TreeChange[] }[] = [];
  for (const lane of chosenLanes(journal.view())) {
    const read = await sandbox.changes(sandboxId(journal.spec.runId), laneDir(workDir, lane), {
      maxBytes: maxPatchSetBytes,
    });
    const changes = read.map((change) =>
      change.bytes === undefined ? change : { ...change, afterBlob: gitBlobId(change.bytes) },
    );
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
  return work.length === 0 ? { events } : { events, work };
}

/** The work of a lane once a write is stored: the write's own, or else the journal's. */
export function workAfter(
  { journal }: Pick<StepContext, "journal">,
  saved: SavedWork,
  lane: Pick<LaneView, "id">,
): readonly TreeChange[] {
  return saved.work?.find(({ repositoryId }) => repositoryId === lane.id)?.changes ?? journal.work(lane.id);
}

/** Base contents of everything that the changes modify or delete, read from the forge where the journal lacks them. */
export async function loadBaseBlobs(
  context: StepContext,
  lane: LaneView,
  changes: readonly TreeChange[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { deps, journal } = context;
  const base = baseCommitOf(lane);
  const repository = repositoryOf(journal.spec, lane.id);
  const blobs = new Map<string, Uint8Array>();
  const missing = changes.filter(
    (change) => change.beforeBlob !== undefined && journal.baseBlob(change.beforeBlob) === undefined,
  );
  const parallel = 4;
  for (let start = 0; start < missing.length; start += parallel) {
    await Promise.all(
      missing.slice(start, start + parallel).map(async (change) => {
        const bytes = await deps.forge.getFile(repository, base, change.path);
        blobs.set(gitBlobId(bytes), bytes);
      }),
    );
  }
  return blobs;
}
