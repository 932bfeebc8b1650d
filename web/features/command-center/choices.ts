import { modeRequests } from "../../../contracts/modes.ts";
import type { Model } from "../../../contracts/model.ts";
import type { Project, Repository } from "../../../contracts/project.ts";
import type { Draft } from "./draft.ts";
import { isOpen } from "../../lib/projects.ts";
import { hiddenText } from "../../lib/visibility.ts";

export interface Choices {
  /** Those that can be chosen: the archived ones start no run. */
  readonly projects: readonly Project[];
  readonly models: readonly Model[];
  readonly project: Project | null;
  /** The chosen repositories in the project's order; none when the agent chooses, or the project has none. */
  readonly repositories: readonly Repository[];
  /** The chosen repository when there is exactly one. */
  readonly repository: Repository | null;
  /** True when the agent finds out which repositories it needs. */
  readonly repositoriesByAgent: boolean;
  /** True when more than one repository can be chosen. */
  readonly mayHaveSeveral: boolean;
  readonly model: Model | null;
  /** Why no run can be started with these, or null. */
  readonly refusal: string | null;
}

/**
 * The project, repositories and model that a draft names, or the defaults where it names none or one that is gone or archived. A draft about
 * something of a project (`workOf`: its id) stays with that one, and is refused while it is archived.
 */
export function resolveChoices(
  draft: Draft,
  everyProject: readonly Project[],
  models: readonly Model[],
  workOf: string | null = null,
): Choices {
  const projects = everyProject.filter(isOpen);
  const own = everyProject.find((each) => each.id === draft.projectId && (isOpen(each) || each.id === workOf));
  const project = own ?? projects[0] ?? null;
  const all = project?.repositories ?? [];
  const mayHaveSeveral = all.length > 1 && modeRequests[draft.mode].severalRepositories;
  const repositoriesByAgent = mayHaveSeveral && draft.chooseRepositories;
  const named = all.filter((each) => draft.repositoryIds.includes(each.id));
  const chosen = named.length === 0 ? all.slice(0, 1) : mayHaveSeveral ? named : named.slice(0, 1);
  const repositories = repositoriesByAgent ? [] : chosen;
  const usable = models.filter((each) => each.available);
  const model =
    usable.find((each) => each.id === draft.model) ?? usable.find((each) => each.isDefault) ?? usable[0] ?? null;
  const refusal =
    project === null
      ? everyProject.length === 0
        ? "There is no project yet."
        : "Every project is archived. Unarchive one to start a run."
      : !isOpen(project)
        ? `${project.name} is archived and starts no run. Unarchive it first.`
        : all.length === 0
          ? (hiddenText(project.hiddenRepositoryCount) ?? `${project.name} has no repository yet.`)
          : model === null
            ? "No model can be used: the deployment has no key for one."
            : null;
  const repository = repositories.length === 1 ? (repositories[0] ?? null) : null;
  return {
    projects,
    models,
    project,
    repositories,
    repository,
    repositoriesByAgent,
    mayHaveSeveral,
    model,
    refusal,
  };
}
