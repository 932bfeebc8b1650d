/** A file of a tree, as far as its content is told by its blob. */
interface TreeFile {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
}

/**
 * The paths of a patch set that have other content at the base branch's present commit than at the commit that the patch set was made on:
 * there both sides changed the same file. Linear in the size of the trees.
 */
export function pathsChangedInBoth(
  paths: readonly string[],
  base: readonly TreeFile[],
  present: readonly TreeFile[],
): readonly string[] {
  const wanted = new Set(paths);
  const contents = (tree: readonly TreeFile[]): ReadonlyMap<string, string> =>
    new Map(tree.filter(({ path }) => wanted.has(path)).map(({ blob, mode, path }) => [path, `${mode} ${blob}`]));
  const before = contents(base);
  const now = contents(present);
  return paths.filter((path) => before.get(path) !== now.get(path));
}
