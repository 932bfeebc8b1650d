import type { FileMode } from "../../../../domain/patch-set/types.ts";
import { gitFileMode } from "../../../../domain/patch-set/file-mode.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import type { ForgeTreeEntry } from "../../../ports/forge.ts";
import type { SeededBase, TreeFile } from "../../../ports/sandbox.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { sandboxOf } from "./sandboxes.ts";

/** The base commit of a lane. Throws before it was resolved. */
export function baseCommitOf(lane: LaneView): string {
  if (lane.baseCommit === undefined) throw new Error(`${lane.owner}/${lane.name} has no base commit yet`);
  return lane.baseCommit;
}

/** The commit that a lane's work is seeded with: the head of a pull request under review, else the base. */
export function seedCommitOf({ journal }: Pick<StepContext, "journal">, lane: LaneView): string {
  return journal.view().reviewed?.commit ?? baseCommitOf(lane);
}

/**
 * Lays a lane's seed commit out in a directory of a sandbox, as its tree has it: the archive brings what it can in one
 * stream, and the content that it lacks or changes is read by its id. Throws PortError.
 */
export async function seedBase(
  context: StepContext,
  lane: LaneView,
  { dir, id }: { readonly dir: string; readonly id: string },
): Promise<SeededBase> {
  const { deps, journal } = context;
  const commit = seedCommitOf(context, lane);
  const repository = repositoryOf(journal.spec, lane.id);
  const sandbox = sandboxOf(context);
  const tree = filesOf(await deps.forge.getTree(repository, commit));
  const tarball = await deps.forge.getTarball(repository, commit);
  const seeded = await sandbox.seed(id, dir, tarball, commit, tree);
  if (seeded.missing.length === 0) return seeded;
  const missing = new Set(seeded.missing);
  const paths = new Map<string, string[]>();
  for (const { blob, path } of tree) if (missing.has(path)) paths.set(blob, [...(paths.get(blob) ?? []), path]);
  const wanted = [...paths].flatMap(([blob, named]) => named.map(() => blob));
  await deps.forge.readBlobs(repository, wanted, async (blob, content) => {
    const path = paths.get(blob)?.pop();
    if (path === undefined) throw new Error("the forge answered with a blob that was not asked for");
    await sandbox.seedFile(id, dir, path, content);
  });
  return seeded;
}

/** The files and symlinks of a tree; submodules are empty folders in a work tree. */
function filesOf(tree: readonly ForgeTreeEntry[]): readonly TreeFile[] {
  return tree.flatMap(({ blob, mode, path, type }): readonly TreeFile[] => {
    const known: FileMode | undefined = type === "blob" ? gitFileMode(mode) : undefined;
    return known === undefined ? [] : [{ path, mode: known, blob }];
  });
}
