import type { Git } from "./git.ts";

/** Forty zeros: git's word for "no object" in updates. */
export const noObject = "0".repeat(40);

export interface RefEntry {
  /** Full name, `refs/heads/...`. */
  readonly ref: string;
  readonly sha: string;
  readonly type: string;
}

/** One ref that moved: `before` or `after` is `noObject` when it was made or deleted. */
export interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** Tells a full object id: 40 lowercase hex digits. */
export function isObjectId(value: string): boolean {
  return /^[0-9a-f]{40}$/.test(value);
}

/** Asks `git check-ref-format` whether a full ref name is allowed. */
export async function isValidRef(git: Git, directory: string, ref: string): Promise<boolean> {
  if (ref.includes("\0") || ref.startsWith("-")) return false;
  return (await git.run(directory, ["check-ref-format", ref])).exitCode === 0;
}

/** Lists refs under a prefix such as `refs/heads/`, sorted by name. */
export async function listRefs(git: Git, directory: string, prefix: string): Promise<RefEntry[]> {
  const out = await git.text(directory, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)"]);
  const entries: RefEntry[] = [];
  for (const line of out.split("\n")) {
    const match = /^([0-9a-f]{40}) (\S+) (.+)$/.exec(line);
    const [, sha, type, ref] = match ?? [];
    if (sha !== undefined && type !== undefined && ref !== undefined && ref.startsWith(prefix))
      entries.push({ ref, sha, type });
  }
  return entries;
}

/** Reads one ref by its full name; undefined when there is none. */
export async function readRef(git: Git, directory: string, ref: string): Promise<RefEntry | undefined> {
  return (await listRefs(git, directory, ref)).find((entry) => entry.ref === ref);
}

/** Moves, makes (`before` = noObject) or deletes (`after` = noObject) a ref; false when it was not at `before`. */
export async function updateRef(git: Git, directory: string, change: RefChange): Promise<boolean> {
  const args =
    change.after === noObject
      ? ["update-ref", "-d", change.ref, change.before]
      : ["update-ref", change.ref, change.after, change.before];
  return (await git.run(directory, args)).exitCode === 0;
}

/** True when the repository has no branch at all. */
export async function isEmpty(git: Git, directory: string): Promise<boolean> {
  return (await git.text(directory, ["for-each-ref", "--count=1", "--format=x", "refs/heads/"])) === "";
}

async function commitOf(git: Git, directory: string, name: string): Promise<string | undefined> {
  const result = await git.run(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
  const sha = result.stdout.toString("utf8").trim();
  return result.exitCode === 0 && isObjectId(sha) ? sha : undefined;
}

/**
 * Resolves what GitHub accepts as a commit: a full or short id, a branch, a tag, `heads/x`, `refs/heads/x`, HEAD.
 * Git's wider revision syntax (`x~1`, `x@{1}`, `:/text`) is not accepted. Undefined when nothing matches.
 */
export async function resolveCommit(git: Git, directory: string, name: string): Promise<string | undefined> {
  if (name === "" || /[\0-\x20~^:?*[\\\x7f]|\.\.|@\{/.test(name)) return undefined;
  const candidates = [`refs/heads/${name}`, `refs/tags/${name}`];
  if (name === "HEAD") candidates.unshift("HEAD");
  if (name.startsWith("refs/")) candidates.unshift(name);
  if (name.startsWith("heads/") || name.startsWith("tags/") || name.startsWith("pull/"))
    candidates.unshift(`refs/${name}`);
  if (/^[0-9a-f]{7,40}$/.test(name)) candidates[isObjectId(name) ? "unshift" : "push"](name);
  for (const candidate of candidates) {
    const sha = await commitOf(git, directory, candidate);
    if (sha !== undefined) return sha;
  }
  return undefined;
}

/** True when `ancestor` is reachable from `commit`. */
export async function isAncestor(git: Git, directory: string, ancestor: string, commit: string): Promise<boolean> {
  return (await git.run(directory, ["merge-base", "--is-ancestor", ancestor, commit])).exitCode === 0;
}

/** The best common ancestor of two commits; undefined when their histories are unrelated. */
export async function mergeBase(git: Git, directory: string, one: string, other: string): Promise<string | undefined> {
  const result = await git.run(directory, ["merge-base", one, other]);
  return result.exitCode === 0 ? result.stdout.toString("utf8").trim() : undefined;
}
