import type { Choices } from "./choices.ts";

/** The most repositories that one run may have. */
export const maxRepositories = 8;

/** The part of a start request that names repositories: one, several, or the agent's own choice. */
export type AskedRepositories =
  | { readonly repositoryId: string }
  | { readonly repositoryIds: string[] }
  | { readonly chooseRepositories: true };

/** The ids that are chosen after a click on one of them, in the project's order. The last one stays. */
export function toggledRepositories({ project, repositories }: Choices, id: string): readonly string[] {
  const chosen = new Set(repositories.map((each) => each.id));
  if (!chosen.delete(id)) chosen.add(id);
  if (chosen.size === 0) chosen.add(id);
  return (project?.repositories ?? []).map((each) => each.id).filter((each) => chosen.has(each));
}

/** The request's part about repositories, or null when there is none to name. */
export function askedRepositories({ repositories, repositoriesByAgent }: Choices): AskedRepositories | null {
  if (repositoriesByAgent) return { chooseRepositories: true };
  const [first, ...rest] = repositories;
  if (first === undefined) return null;
  return rest.length === 0 ? { repositoryId: first.id } : { repositoryIds: repositories.map(({ id }) => id) };
}
