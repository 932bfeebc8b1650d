/** A repository that needs a folder in the workspace. */
interface Named {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
}

/**
 * The folder of each repository under the workspace's root, in the given order: empty for a repository alone, else its name; two of
 * one name, also in another case, get their owners in front. The same repositories in the same order get the same folders.
 */
export function laneFolders(repositories: readonly Named[]): readonly string[] {
  if (repositories.length < 2) return repositories.map(() => "");
  const byName = distinct(repositories.map(({ name }) => safe(name)));
  const byOwner = repositories.map(({ name, owner }, index) => byName[index] ?? safe(`${owner}-${name}`));
  const isTaken = distinct(byOwner);
  return repositories.map(({ id }, index) => isTaken[index] ?? `${byOwner[index] ?? "repository"}-${id}`);
}

/** Each name, or undefined where another is the same on a file system that ignores case. */
function distinct(names: readonly string[]): readonly (string | undefined)[] {
  const keys = names.map((name) => name.toLowerCase());
  return names.map((name, index) =>
    keys.indexOf(keys[index] ?? "") === keys.lastIndexOf(keys[index] ?? "") ? name : undefined,
  );
}

/** A name as a folder: forges allow letters, digits, dots, dashes and underscores; anything else becomes a dash. */
function safe(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/gu, "-");
  return plain.startsWith(".") || plain === "" ? `repository${plain}` : plain;
}
