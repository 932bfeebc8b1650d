import { gitBlobId } from "../../../../domain/hash.ts";
import { maxFileBytes } from "../../../../domain/patch-set/apply-check.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { PortError } from "../../../ports/errors.ts";
import type { ForgeReader, ForgeTreeEntry, RepositoryRef } from "../../../ports/forge.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { baseCommitOf } from "./seed-base.ts";

/** Whether a file of the base is too large to be read for a diff. */
export function isTooLargeToShow({ sizeBytes }: Pick<ForgeTreeEntry, "sizeBytes">): boolean {
  return (sizeBytes ?? 0) > maxFileBytes;
}

/**
 * Base contents, by git blob id, of everything that the changes modify or delete and that the journal lacks. They are read by
 * their ids, so that a symlink gives its target and not what it points to. A file that is too large to be shown is left out.
 * Throws PortError.
 */
export async function loadBaseBlobs(
  { deps, journal }: Pick<StepContext, "deps" | "journal">,
  lane: LaneView,
  changes: readonly TreeChange[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const lacking = changes.flatMap(({ beforeBlob, path }) =>
    beforeBlob === undefined || journal.baseBlob(beforeBlob) !== undefined ? [] : [[path, beforeBlob] as const],
  );
  if (lacking.length === 0) return new Map();
  const repository = repositoryOf(journal.spec, lane.id);
  const tree = await deps.forge.getTree(repository, baseCommitOf(lane));
  const large = new Set(tree.filter(isTooLargeToShow).map(({ path }) => path));
  return readBlobs(
    deps.forge,
    repository,
    lacking.flatMap(([path, blob]) => (large.has(path) ? [] : [blob])),
  );
}

/** Reads blobs into memory, each checked by its id. Throws PortError, `bad_answer` for other content. */
export async function readBlobs(
  forge: ForgeReader,
  repository: RepositoryRef,
  blobs: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const read = new Map<string, Uint8Array>();
  if (blobs.length === 0) return read;
  await forge.readBlobs(repository, [...new Set(blobs)], async (blob, content) => {
    const bytes = new Uint8Array(await new Response(content).arrayBuffer());
    if (gitBlobId(bytes) !== blob)
      throw new PortError("forge", "transient", "server_error", `the forge answered with another content than ${blob}`);
    read.set(blob, bytes);
  });
  return read;
}
