import type { ForgeReader } from "../../ports/forge.ts";

/**
 * A reader that keeps the tree that it read last. A commit's tree never changes, so proposing, judging and the three writes of one
 * patch set read it from the forge once. Only one is kept, since a tree may have 100,000 entries.
 */
export function withTreeCache(reader: ForgeReader): ForgeReader {
  let last: { readonly key: string; readonly tree: ReturnType<ForgeReader["getTree"]> } | undefined;
  return {
    ...reader,
    getTree: (repository, commit) => {
      const key = `${repository.externalId} ${commit}`;
      if (last?.key === key) return last.tree;
      const tree = reader.getTree(repository, commit);
      last = { key, tree };
      // A read that failed is not kept.
      tree.catch(() => {
        if (last?.tree === tree) last = undefined;
      });
      return tree;
    },
  };
}
