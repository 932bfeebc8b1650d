import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import { gitBlobId } from "../../../../domain/hash.ts";
import { maxPatchSetBytes } from "../../../../domain/patch-set/apply-check.ts";
import { patchSetHash } from "../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import { PortError } from "../../../ports/errors.ts";
import type { SandboxPort } from "../../../ports/sandbox.ts";
import type { JournalWrite } from "./journal.ts";
import type { StepContext } from "./deps.ts";

/** Directories inside `/workspace`: the agent's work, the untouched base, and the base with the patch set laid on it. */
export const workDir = "repo";
export const baseDir = "base";
export const checkDir = "check";

/** The sandbox's id of a run. */
export function sandboxId(runId: string): string {
  return `run-${runId}`;
}

/**
 * Makes sure that the run's sandbox is open and its work tree stands as the journal last saved it. After a crash or a
 * dead sandbox the base is seeded again and the saved changes are laid on it. Throws PortError.
 */
export async function ensureWorkspace(context: StepContext): Promise<void> {
  const { deps, epoch, journal } = context;
  const id = sandboxId(journal.spec.runId);
  const handle = await deps.sandbox.open({
    id,
    env: {},
    memoryBytes: 2_000_000_000,
    diskBytes: 4_000_000_000,
    maxProcesses: 512,
  });
  if (journal.fact("workspace_generation") === handle.generation) return;
  const startedAtMs = deps.nowMs();
  const seeded = await seedBase(context, workDir);
  const saved = journal.workspace();
  await layChanges(deps.sandbox, id, workDir, saved);
  const events: NewRunEvent[] = [
    {
      type: "sandbox.opened",
      data: { driver: handle.driver, generation: handle.generation, restored: saved.length > 0 },
    },
  ];
  if (journal.fact("workspace_generation") === undefined) {
    events.push({
      type: "repository.seeded",
      data: {
        repositoryId: journal.spec.repository.id,
        baseCommit: seedCommitOf(context),
        fileCount: seeded.fileCount,
        sizeBytes: seeded.sizeBytes,
        durationMs: Math.max(0, deps.nowMs() - startedAtMs),
      },
    });
  }
  journal.commit({ events, facts: { workspace_generation: handle.generation } }, epoch);
}

/** The base commit that the run started from. */
export function baseCommitOf({ journal }: StepContext): string {
  const commit = journal.view().baseCommit;
  if (commit === undefined) throw new Error("the run has no base commit yet");
  return commit;
}

/** The commit that the work tree is seeded with: the head of a pull request under review, else the base. */
export function seedCommitOf(context: StepContext): string {
  return context.journal.view().reviewed?.commit ?? baseCommitOf(context);
}

/** Streams the seed commit's tarball from the forge into a directory of the sandbox. */
export async function seedBase(
  context: StepContext,
  dir: string,
): Promise<{ readonly fileCount: number; readonly sizeBytes: number }> {
  const { deps, journal } = context;
  const base = seedCommitOf(context);
  const tarball = await deps.forge.getTarball(journal.spec.repository, base);
  return deps.sandbox.seed(sandboxId(journal.spec.runId), dir, tarball, base);
}

/** Writes changes into a directory that holds their base. Symlinks are made by the sandbox's own `ln`. */
export async function layChanges(
  sandbox: SandboxPort,
  id: string,
  dir: string,
  changes: readonly TreeChange[],
): Promise<void> {
  for (const change of changes.filter(({ status }) => status === "deleted"))
    await sandbox.remove(id, `${dir}/${change.path}`);
  for (const change of changes) {
    if (change.bytes === undefined) continue;
    const path = `${dir}/${change.path}`;
    if (change.beforeMode === "120000" || change.afterMode === "120000") await removeIfThere(sandbox, id, path);
    if (change.afterMode === "120000")
      await makeSymlink(sandbox, id, dir, change.path, new TextDecoder().decode(change.bytes));
    else {
      await sandbox.writeFile(id, path, change.bytes, { executable: change.afterMode === "100755" });
    }
  }
}

async function removeIfThere(sandbox: SandboxPort, id: string, path: string): Promise<void> {
  try {
    await sandbox.remove(id, path);
  } catch (error) {
    if (!(error instanceof PortError && error.code === "not_found")) throw error;
  }
}

async function makeSymlink(sandbox: SandboxPort, id: string, dir: string, path: string, target: string): Promise<void> {
  const parent = path.split("/").slice(0, -1).join("/");
  const options = { cwd: dir, timeoutMs: 10_000, maxOutputBytes: 2_000 };
  if (parent !== "") await sandbox.exec(id, ["mkdir", "-p", "--", parent], options);
  const made = await sandbox.exec(id, ["ln", "-sfn", "--", target, path], options);
  if (made.exitCode !== 0) throw new PortError("sandbox", "permanent", "symlink_failed", made.stderr.slice(0, 500));
}

/**
 * Reads the work tree's changes and, when they differ from what the journal has, gives the write that saves them. The
 * bytes are hashed here, outside the sandbox; a blob id that the sandbox claims is not believed.
 */
export async function saveWorkspace(
  context: StepContext,
): Promise<Pick<JournalWrite, "workspace"> & { readonly events: readonly NewRunEvent[] }> {
  const { deps, journal } = context;
  const read = await deps.sandbox.changes(sandboxId(journal.spec.runId), workDir, { maxBytes: maxPatchSetBytes });
  const changes = read.map((change) =>
    change.bytes === undefined ? change : { ...change, afterBlob: gitBlobId(change.bytes) },
  );
  const base = baseCommitOf(context);
  const digest = patchSetHash(journal.spec.repository.id, base, changes);
  if (digest === patchSetHash(journal.spec.repository.id, base, journal.workspace())) return { events: [] };
  const sizeBytes = changes.reduce((sum, change) => sum + (change.bytes?.length ?? 0), 0);
  return {
    workspace: changes,
    events: [{ type: "workspace.saved", data: { digest, fileCount: changes.length, sizeBytes } }],
  };
}

/** Base contents of everything that the changes modify or delete, read from the forge where the journal lacks them. */
export async function loadBaseBlobs(
  context: StepContext,
  changes: readonly TreeChange[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { deps, journal } = context;
  const base = baseCommitOf(context);
  const blobs = new Map<string, Uint8Array>();
  const missing = changes.filter(
    (change) => change.beforeBlob !== undefined && journal.baseBlob(change.beforeBlob) === undefined,
  );
  const parallel = 4;
  for (let start = 0; start < missing.length; start += parallel) {
    await Promise.all(
      missing.slice(start, start + parallel).map(async (change) => {
        const bytes = await deps.forge.getFile(journal.spec.repository, base, change.path);
        blobs.set(gitBlobId(bytes), bytes);
      }),
    );
  }
  return blobs;
}
