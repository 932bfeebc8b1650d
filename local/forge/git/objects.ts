import type { Git } from "./git.ts";
import { isObjectId } from "./refs.ts";

export interface TreeEntry {
  /** Relative to the tree that was listed. */
  readonly path: string;
  /** Six octal digits. */
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
  /** Of blobs. */
  readonly sizeBytes: number | undefined;
}

export interface ObjectInfo {
  readonly type: string;
  readonly sizeBytes: number;
}

/** Looks up many objects at once; ids that are unknown are missing from the answer. */
export async function objectInfos(
  git: Git,
  directory: string,
  shas: readonly string[],
): Promise<Map<string, ObjectInfo>> {
  const infos = new Map<string, ObjectInfo>();
  const wanted = [...new Set(shas)].filter(isObjectId);
  if (wanted.length === 0) return infos;
  const out = await git.text(directory, ["cat-file", "--batch-check"], { input: `${wanted.join("\n")}\n` });
  for (const line of out.split("\n")) {
    const [sha, type, size] = line.split(" ");
    if (sha !== undefined && type !== undefined && size !== undefined)
      infos.set(sha, { type, sizeBytes: Number(size) });
  }
  return infos;
}

/** The type and size of one object; undefined when the repository has none of that id. */
export async function objectInfo(git: Git, directory: string, sha: string): Promise<ObjectInfo | undefined> {
  return (await objectInfos(git, directory, [sha])).get(sha);
}

/** The bytes of a blob. Throws GitError when there is none of that id. */
export async function readBlob(git: Git, directory: string, sha: string): Promise<Buffer> {
  return git.ok(directory, ["cat-file", "blob", sha]);
}

/** Stores bytes as a blob, unfiltered; returns its id. */
export async function writeBlob(git: Git, directory: string, bytes: Uint8Array): Promise<string> {
  return git.text(directory, ["hash-object", "-t", "blob", "-w", "--no-filters", "--stdin"], { input: bytes });
}

/** The id of a commit's (or tree's) tree; undefined when it is neither. */
export async function treeOf(git: Git, directory: string, sha: string): Promise<string | undefined> {
  const result = await git.run(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${sha}^{tree}`]);
  return result.exitCode === 0 ? result.stdout.toString("utf8").trim() : undefined;
}

function entryType(type: string): TreeEntry["type"] {
  return type === "tree" || type === "commit" ? type : "blob";
}

/** Lists a tree; recursive listings have the trees too, as GitHub's have. */
export async function listTree(git: Git, directory: string, tree: string, recursive: boolean): Promise<TreeEntry[]> {
  const out = await git.ok(directory, ["ls-tree", ...(recursive ? ["-r", "-t"] : []), "-l", "-z", "--full-tree", tree]);
  const entries: TreeEntry[] = [];
  for (const record of out.toString("utf8").split("\0")) {
    const match = /^(\d{6}) (\w+) ([0-9a-f]{40}) +(\d+|-)\t([\s\S]+)$/.exec(record);
    const [, mode, type, sha, size, path] = match ?? [];
    if (mode === undefined || type === undefined || sha === undefined || size === undefined || path === undefined)
      continue;
    entries.push({ path, mode, type: entryType(type), sha, sizeBytes: size === "-" ? undefined : Number(size) });
  }
  return entries;
}

/** One path of a commit; undefined when it has none. The path is taken literally, no globs. */
export async function findEntry(
  git: Git,
  directory: string,
  commit: string,
  path: string,
): Promise<TreeEntry | undefined> {
  if (path.includes("\0") || path.endsWith("/")) return undefined;
  const out = await git.run(directory, ["ls-tree", "-l", "-z", "--full-tree", commit, "--", path], {
    env: { GIT_LITERAL_PATHSPECS: "1" },
  });
  const match = /^(\d{6}) (\w+) ([0-9a-f]{40}) +(\d+|-)\t([^\0]+)\0$/.exec(out.stdout.toString("utf8"));
  const [, mode, type, sha, size, found] = match ?? [];
  if (mode === undefined || type === undefined || sha === undefined || size === undefined || found !== path)
    return undefined;
  return { path, mode, type: entryType(type), sha, sizeBytes: size === "-" ? undefined : Number(size) };
}
