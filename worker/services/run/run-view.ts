import type { Run } from "../../../contracts/run.ts";
import type { RunRow } from "../../db/stores/run.ts";
import { starterOf } from "./starter.ts";

/** A run's row as the API shows it. */
export function runView(row: Pick<RunRow, "run" | "repository" | "starter">): Run {
  const { repository, run } = row;
  return {
    id: String(run.id),
    projectId: String(run.projectId),
    ticketId: run.ticketId === null ? null : String(run.ticketId),
    title: run.title,
    mode: run.mode,
    state: run.state,
    stage: run.stage,
    prompt: run.prompt,
    provider: run.provider,
    model: run.model,
    effort: run.effort,
    repository: {
      id: String(run.repositoryId),
      owner: repository.owner,
      name: repository.name,
      baseBranch: run.baseBranch,
      baseCommit: run.baseCommit,
    },
    startedBy: starterOf(row),
    createdAtMs: run.createdAtMs,
    updatedAtMs: run.updatedAtMs,
    finishedAtMs: run.finishedAtMs,
    cause: run.cause,
    pullRequest:
      run.prNumber === null || run.prUrl === null || run.prBranch === null || run.prCommit === null
        ? null
        : {
            number: run.prNumber,
            url: run.prUrl,
            branch: run.prBranch,
            commit: run.prCommit,
            state: run.prState ?? "open",
          },
    costMicros: run.costMicros,
    inputTokens: run.inputTokens,
    outputTokens: run.outputTokens,
    headSeq: run.headSeq,
  };
}
