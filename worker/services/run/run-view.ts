import type { RunLane } from "../../../contracts/lane.ts";
import type { Run } from "../../../contracts/run.ts";
import { parseStored } from "../../../domain/parse-stored.ts";
import type { RunRow } from "../../db/stores/run.ts";
import { starterOf } from "./starter.ts";

/** A lane as a row holds it. Rows were once written with `green` also where no check ran on the lane's commit. */
type StoredLane = Omit<RunLane, "status"> & { readonly status: RunLane["status"] | "green" };

/**
 * The lanes of a run: as its object wrote them, or the one repository of a row that it has not written yet. An old row does not know whether CI
 * passed, so its lane's pull request is shown as open until the row is rebuilt.
 */
function lanesOf({ repository, run }: Pick<RunRow, "run" | "repository">): RunLane[] {
  if (run.lanes !== null)
    return parseStored<StoredLane[]>(run.lanes).map(({ status, ...lane }) => ({
      ...lane,
      status: status === "green" ? "open" : status,
    }));
  return [
    {
      repositoryId: String(run.repositoryId),
      owner: repository.owner,
      name: repository.name,
      folder: "",
      baseBranch: run.baseBranch,
      baseCommit: run.baseCommit,
      isChosen: true,
      status: "no_changes",
      pullRequest: pullOf(run),
    },
  ];
}

function pullOf(run: RunRow["run"]): Run["pullRequest"] {
  const { prBranch, prCommit, prNumber, prState, prUrl } = run;
  if (prNumber === null || prUrl === null || prBranch === null || prCommit === null) return null;
  return { number: prNumber, url: prUrl, branch: prBranch, commit: prCommit, state: prState ?? "open" };
}

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
    repositories: lanesOf(row),
    startedBy: starterOf(row),
    createdAtMs: run.createdAtMs,
    updatedAtMs: run.updatedAtMs,
    finishedAtMs: run.finishedAtMs,
    cause: run.cause,
    pullRequest: pullOf(run),
    costMicros: run.costMicros,
    inputTokens: run.inputTokens,
    outputTokens: run.outputTokens,
    headSeq: run.headSeq,
  };
}
