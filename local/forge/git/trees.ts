import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "./git.ts";

export interface TreeChange {
  readonly path: string;
  readonly mode: "100644" | "100755" | "040000" | "160000" | "120000";
  /** The object at that path, or null to delete what is there. */
  readonly sha: string | null;
}

/** Tells a path that git and every checkout of it can hold safely: relative, no empty, dot or `.git` component. */
export function isSafeTreePath(path: string): boolean {
  if (path === "" || path.includes("\0")) return false;
  return path.split("/").every((part) => {
    const plain = part
      .normalize("NFC")
      .toLowerCase()
      .replaceAll(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "");
    return part !== "" && part !== "." && part !== ".." && plain !== ".git" && plain !== "git~1";
  });
}

/**
 * Writes the tree that comes of changes to a base tree (or to nothing); returns its id. A path given as a directory
 * replaces what was there. Throws MissingPathError when a deleted path does not exist, GitError when git refuses.
 */
export async function writeTree(
  git: Git,
  directory: string,
  base: string | undefined,
  changes: readonly TreeChange[],
): Promise<string> {
  const index = join(directory, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    await git.ok(directory, base === undefined ? ["read-tree", "--empty"] : ["read-tree", base], { env });
    for (const change of changes.filter(({ sha }) => sha === null)) await removePath(git, directory, change.path, env);
    for (const change of changes.filter(({ mode, sha }) => mode === "040000" && sha !== null)) {
      await removePath(git, directory, change.path, env, true);
      await git.ok(directory, ["read-tree", `--prefix=${change.path}/`, change.sha ?? ""], { env });
    }
    const lines = changes
      .filter(({ mode, sha }) => mode !== "040000" && sha !== null)
      .map(({ mode, sha, path }) => `${mode} ${sha ?? ""}\t${path}\0`);
    // `--replace` lets a file take the place of a directory and the other way round.
    if (lines.length > 0)
      await git.ok(directory, ["update-index", "--replace", "-z", "--index-info"], { env, input: lines.join("") });
    return await git.text(directory, ["write-tree"], { env });
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

/** A path that was to be deleted is not in the base tree. */
export class MissingPathError extends Error {
  override readonly name = "MissingPathError";
}

async function removePath(
  git: Git,
  directory: string,
  path: string,
  env: Record<string, string>,
  optional = false,
): Promise<void> {
  const literal = { ...env, GIT_LITERAL_PATHSPECS: "1" };
  const listed = await git.ok(directory, ["ls-files", "--cached", "-z", "--", path], { env: literal });
  const paths = listed
    .toString("utf8")
    .split("\0")
    .filter((found) => found === path || found.startsWith(`${path}/`));
  if (paths.length === 0) {
    if (optional) return;
    throw new MissingPathError(path);
  }
  const lines = paths.map((found) => `0 ${"0".repeat(40)}\t${found}\0`);
  await git.ok(directory, ["update-index", "-z", "--index-info"], { env, input: lines.join("") });
}
