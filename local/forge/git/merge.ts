import type { Git } from "./git.ts";

/** Merges two commits' trees without touching any ref; returns the merged tree's id, or undefined on a conflict. */
export async function mergeTrees(git: Git, directory: string, base: string, head: string): Promise<string | undefined> {
  const result = await git.run(directory, ["merge-tree", "--write-tree", "--no-messages", base, head]);
  const tree = result.stdout.toString("utf8").split("\n")[0] ?? "";
  return result.exitCode === 0 && /^[0-9a-f]{40}$/.test(tree) ? tree : undefined;
}
