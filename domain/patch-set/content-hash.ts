import type { Companion } from "../../contracts/lane.ts";
import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../hash.ts";
import type { TreeChange } from "./types.ts";

/** Changes in the order that hashing and display use: by path, by UTF-16 code unit. */
export function sortChanges(changes: readonly TreeChange[]): readonly TreeChange[] {
  return [...changes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/**
 * The patch set's identity: SHA-256 hex over the repository, the base commit and each change's path, status, modes,
 * base blob and the SHA-256 of its bytes. One byte more, another mode or another base is another patch set. In a run over several
 * repositories the links to the other pull requests are part of it: another set of companions is another patch set.
 */
export function patchSetHash(
  repositoryId: string,
  baseCommit: string,
  changes: readonly TreeChange[],
  companions: readonly Companion[] = [],
): string {
  const patches = sortChanges(changes).map((change) => ({
    path: change.path,
    status: change.status,
    beforeMode: change.beforeMode ?? null,
    beforeBlob: change.beforeBlob ?? null,
    afterMode: change.afterMode ?? null,
    content: change.bytes === undefined ? null : sha256Hex(change.bytes),
  }));
  if (companions.length === 0)
    return sha256Hex(canonicalJson({ format: "assembly-lime-patch-set/1", repositoryId, baseCommit, patches }));
  const links = companions.map(({ merge, repositoryId: id }) => ({ repositoryId: id, merge }));
  return sha256Hex(canonicalJson({ format: "assembly-lime-patch-set/2", repositoryId, baseCommit, patches, links }));
}
