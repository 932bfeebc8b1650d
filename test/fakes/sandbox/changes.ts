import type { TreeChange } from "../../../domain/patch-set/types.ts";
import type { WorkChange } from "../../../worker/ports/sandbox.ts";
import { unignored } from "./ignore.ts";
import type { Directory, Entry, TrackedEntry } from "./tree.ts";

/** The files of a seed, by their path in its directory. */
export type Base = ReadonlyMap<string, TrackedEntry>;

/**
 * The differences between a directory and its seed: status, modes, blob ids and bytes, sorted by path. Files that .gitignore
 * excludes count only when the seed has them.
 */
export function changesOf(base: Base, root: Directory): readonly TreeChange[] {
  const changes: TreeChange[] = [];
  for (const [path, before] of base) {
    const after = trackedAt(root, path);
    if (after === before) continue;
    const was = { path, beforeMode: before.mode, beforeBlob: before.blob };
    if (after === undefined) changes.push({ ...was, status: "deleted" });
    else if (after.mode !== before.mode || after.blob !== before.blob)
      changes.push({ ...was, status: "modified", ...afterOf(after) });
  }
  for (const [path, entry] of unignored(root))
    if (!base.has(path) && isTracked(entry)) changes.push({ path, status: "added", ...afterOf(entry) });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Names the filter of each changed file, as far as `.gitattributes` has lines such as `*.png filter=lfs`. */
export function withFilters(changes: readonly TreeChange[], attributes: Entry | undefined): readonly WorkChange[] {
  if (attributes?.kind !== "file") return changes;
  const lines = new TextDecoder().decode(attributes.bytes).split("\n");
  const filters = lines.flatMap((line) => {
    const [, ending, filter] = /^\*(\.\w+) .*filter=(\S+)/u.exec(line) ?? [];
    return ending === undefined || filter === undefined ? [] : [{ ending, filter }];
  });
  return changes.map((change) => {
    const found = filters.find(({ ending }) => change.bytes !== undefined && change.path.endsWith(ending));
    return found === undefined ? change : { ...change, filter: found.filter };
  });
}

/** The file or link at a path below a directory; undefined when it is missing, another kind, or behind a link. */
export function trackedAt(root: Directory, path: string): TrackedEntry | undefined {
  let entry: Entry | undefined = root;
  for (const name of path.split("/")) {
    if (entry.kind !== "directory") return undefined;
    entry = entry.children.get(name);
    if (entry === undefined) return undefined;
  }
  return isTracked(entry) ? entry : undefined;
}

function isTracked(entry: Entry): entry is TrackedEntry {
  return entry.kind === "file" || entry.kind === "symlink";
}

function afterOf({ blob, bytes, mode }: TrackedEntry): Pick<TreeChange, "afterMode" | "afterBlob" | "bytes"> {
  return { afterMode: mode, afterBlob: blob, bytes: Uint8Array.from(bytes) };
}
