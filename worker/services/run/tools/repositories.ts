import { ToolError, type ToolContext, type ToolRepository } from "./context.ts";

/** A repository, and a path in it; `.` is its root. */
export interface RepositoryPath {
  readonly repository: ToolRepository;
  readonly path: string;
}

/**
 * The repositories that a path from the workspace's root speaks of, each with the path inside it: the one whose folder the path begins
 * with, or all of them for the root. Throws ToolError for a path that lies in none.
 */
export function repositoriesOf({ repositories }: ToolContext, path: string | undefined): readonly RepositoryPath[] {
  const parts = (path ?? "").split("/").filter((part) => part !== "" && part !== ".");
  const root = repositories.find(({ folder }) => folder === "");
  if (root !== undefined) return [{ repository: root, path: parts.length === 0 ? "." : parts.join("/") }];
  const [folder, ...rest] = parts;
  if (folder === undefined) return repositories.map((repository) => ({ repository, path: "." }));
  return [{ repository: namedRepository({ repositories }, folder), path: rest.length === 0 ? "." : rest.join("/") }];
}

/** The repository of a folder; without a name the only one that there is. Throws ToolError that lists the folders. */
export function namedRepository(
  { repositories }: Pick<ToolContext, "repositories">,
  name: string | undefined,
): ToolRepository {
  const wanted = name?.replace(/^(?:\.\/)+|\/+$/gu, "");
  const [only] = repositories;
  if (
    repositories.length === 1 &&
    only !== undefined &&
    (wanted === undefined || wanted === "" || wanted === only.folder)
  )
    return only;
  const found = repositories.find(({ folder }) => folder === wanted);
  if (found !== undefined) return found;
  const folders = repositories.map(({ folder }) => folder).join(", ");
  throw new ToolError(
    wanted === undefined
      ? `The run works on several repositories. Name one of them: ${folders}.`
      : `There is no repository ${JSON.stringify(name)} in this run. There are: ${folders}.`,
  );
}
