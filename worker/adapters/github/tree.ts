import type * as z from "zod";
import type { ForgeTreeEntry, RepositoryRef } from "../../ports/forge.ts";
import type { ForgeOctokit } from "./client.ts";
import { forgeError } from "./errors.ts";
import { inParallel } from "./parallel.ts";
import { names } from "./queries.ts";
import { parseAnswer, treeSchema } from "./schemas.ts";

const what = "read a tree";
const maxEntries = 400_000;
const maxRequests = 500;
const parallelTrees = 4;

/**
 * Reads a whole tree. GitHub cuts a recursive listing at 100,000 entries or 7 MB; what it cut is then read folder by folder.
 * https://docs.github.com/en/rest/git/trees#get-a-tree. Throws `too_large` over 400,000 entries or 500 requests.
 */
export async function readTree(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  commit: string,
): Promise<readonly ForgeTreeEntry[]> {
  let requests = 0;
  const list = async (treeish: string, recursive: boolean): Promise<z.output<typeof treeSchema>> => {
    requests += 1;
    if (requests > maxRequests) throw forgeError("permanent", "too_large", `${what}: it has too many folders to list`);
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
      ...names(repository),
      tree_sha: treeish,
      // Any value asks for all levels.
      ...(recursive ? { recursive: "1" } : {}),
    });
    return parseAnswer(treeSchema, data, what);
  };
  const entries: ForgeTreeEntry[] = [];
  const keep = (prefix: string, found: readonly ForgeTreeEntry[]): void => {
    for (const entry of found) entries.push(prefix === "" ? entry : { ...entry, path: `${prefix}${entry.path}` });
    if (entries.length > maxEntries)
      throw forgeError("permanent", "too_large", `${what}: it has more than ${maxEntries} entries`);
  };
  const descend = async (prefix: string, treeish: string): Promise<void> => {
    const whole = await list(treeish, true);
    if (whole.truncated !== true) {
      keep(prefix, whole.tree);
      return;
    }
    const level = await list(treeish, false);
    if (level.truncated === true)
      throw forgeError("permanent", "too_large", `${what}: a folder has more entries than the forge lists`);
    keep(prefix, level.tree);
    const folders = level.tree.filter(({ type }) => type === "tree");
    await inParallel(folders, prefix === "" ? parallelTrees : 1, ({ blob, path }) =>
      descend(`${prefix}${path}/`, blob),
    );
  };
  await descend("", commit);
  return entries;
}
