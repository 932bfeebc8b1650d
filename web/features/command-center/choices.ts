import type { Model } from "../../../contracts/model.ts";
import type { Project, Repository } from "../../../contracts/project.ts";
import type { Draft } from "./draft.ts";

export interface Choices {
  readonly projects: readonly Project[];
  readonly models: readonly Model[];
  readonly project: Project | null;
  readonly repository: Repository | null;
  readonly model: Model | null;
  /** Why no run can be started with these, or null. */
  readonly refusal: string | null;
}

/** What a draft's ids mean now: the named project, repository and model, or the defaults where the draft names none or one that is gone. */
export function resolveChoices(draft: Draft, projects: readonly Project[], models: readonly Model[]): Choices {
  const project = projects.find((each) => each.id === draft.projectId) ?? projects[0] ?? null;
  const repository =
    project?.repositories.find((each) => each.id === draft.repositoryId) ?? project?.repositories[0] ?? null;
  const usable = models.filter((each) => each.available);
  const model =
    usable.find((each) => each.id === draft.model) ?? usable.find((each) => each.isDefault) ?? usable[0] ?? null;
  const refusal =
    project === null
      ? "There is no project yet."
      : repository === null
        ? `${project.name} has no repository yet.`
        : model === null
          ? "No model can be used: the deployment has no key for one."
          : null;
  return { projects, models, project, repository, model, refusal };
}
