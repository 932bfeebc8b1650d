import type { StartRun } from "../../../contracts/run.ts";
import type { Choices } from "./choices.ts";
import { chosenExtras, type Draft } from "./draft.ts";
import { askedRepositories } from "./repositories.ts";

interface Given {
  readonly draft: Draft;
  readonly choices: Choices;
  /** The ticket that the run works on, if one. */
  readonly ticketId: string | undefined;
  /** The pull request to review; undefined in every other mode. */
  readonly pullRequestNumber: number | undefined;
  /** The prompt as it is sent. */
  readonly prompt: string;
}

/** The request that a draft makes, or null while a choice is missing. A base branch belongs to one repository only. */
export function startRequest({ draft, choices, ticketId, pullRequestNumber, prompt }: Given): StartRun | null {
  const { model, project, repository } = choices;
  const repositories = askedRepositories(choices);
  if (project === null || model === null || repositories === null) return null;
  const baseBranch = draft.baseBranch.trim();
  return {
    projectId: project.id,
    ...repositories,
    mode: draft.mode,
    model: model.id,
    effort: draft.effort,
    prompt,
    idempotencyKey: draft.key,
    ...(ticketId === undefined ? {} : { ticketId }),
    ...(pullRequestNumber !== undefined
      ? { pullRequestNumber }
      : baseBranch === "" || repository === null
        ? {}
        : { baseBranch }),
    ...chosenExtras(draft),
  };
}
