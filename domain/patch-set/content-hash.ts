import type { Companion } from "../../contracts/lane.ts";
import type { CoAuthor } from "../../contracts/patch-set.ts";
import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../hash.ts";
import type { TreeChange } from "./types.ts";

/** Changes in the order that hashing and display use: by path, by UTF-16 code unit. */
export function sortChanges(changes: readonly TreeChange[]): readonly TreeChange[] {
  return [...changes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The words and names under which a patch set is written. */
export interface ProposedText {
  readonly version: number;
  readonly headBranch: string;
  /** The run's own commit that this version goes on top of; null for a new branch. */
  readonly parentCommit: string | null;
  readonly title: string;
  readonly summary: string;
  /** The people whom the commit names beside its author. */
  readonly coAuthors: readonly CoAuthor[];
}

/**
 * The patch set's identity, which an approval is bound to: SHA-256 hex over its work (see `patchSetHash`) and everything else of it
 * that is written. The same work under another title, in another branch, with other co-authors or as another version is another patch
 * set. Without co-authors it has the format of before they were named, so that an approval which was recorded then stays valid.
 */
export function proposalHash(work: string, text: ProposedText): string {
  const { coAuthors, headBranch, parentCommit, summary, title, version } = text;
  const words = { work, version, headBranch, parentCommit, title, summary };
  if (coAuthors.length === 0) return sha256Hex(canonicalJson({ format: "assembly-lime-patch-set/3", ...words }));
  const people = coAuthors.map(({ email, name }) => ({ name, email }));
  return sha256Hex(canonicalJson({ format: "assembly-lime-patch-set/4", ...words, coAuthors: people }));
}

/**
 * The identity of a work, whatever it is called: SHA-256 hex over the repository, the base commit and each change's path, status, modes,
 * base blob and the SHA-256 of its bytes. One byte more, another mode or another base is another work. In a run over several
 * repositories the links to the other pull requests are part of it: another set of companions is another work.
 * Approvals that were recorded before texts were covered name this hash.
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
