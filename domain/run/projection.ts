import { isFinal, type PullRequest, type RunState, type Stage } from "../../contracts/run.ts";
import type { RunEvent, RunEventType } from "../../contracts/run-events.ts";
import type { RunView } from "./fold.ts";

/** Event types after which the read model must change; streamed work in between costs no D1 write. */
export const projectedEvents: ReadonlySet<RunEventType> = new Set<RunEventType>([
  "run.created",
  "run.state_changed",
  "base.resolved",
  "stage.started",
  "stage.finished",
  "pull_request.opened",
  // What a person says can be searched at once, also while the run only waits.
  "message.queued",
  "pull_request.read",
]);

/** A run's row as its view makes it. */
export interface RunProjection {
  readonly state: RunState;
  readonly stage: Stage | null;
  readonly baseCommit: string | null;
  readonly cause: string | null;
  readonly prNumber: number | null;
  readonly prUrl: string | null;
  readonly prBranch: string | null;
  readonly prCommit: string | null;
  readonly prState: "open" | "closed" | "merged" | null;
  readonly costMicros: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly headSeq: number;
  readonly updatedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly searchText: string;
}

/** The row at event `headSeq`, stored at `headAtMs`. Pure, so that repeating it writes the same. */
export function projectRun(view: RunView, headSeq: number, headAtMs: number, text: string): RunProjection {
  const pull = view.pullRequest ?? reviewTarget(view);
  return {
    state: view.state,
    stage: view.stage ?? null,
    baseCommit: view.baseCommit ?? null,
    cause: view.cause,
    prNumber: pull?.number ?? null,
    prUrl: pull?.url ?? null,
    prBranch: pull?.branch ?? null,
    prCommit: pull?.commit ?? null,
    prState: pull?.state ?? null,
    costMicros: view.costMicros,
    inputTokens: view.inputTokens,
    outputTokens: view.outputTokens,
    headSeq,
    updatedAtMs: headAtMs,
    finishedAtMs: isFinal(view.state) ? headAtMs : null,
    searchText: text,
  };
}

/** The pull request that a review run is of; open, or the run would not have begun. */
function reviewTarget(view: RunView): PullRequest | undefined {
  const target = view.reviewed ?? view.created?.reviewOf;
  if (target === undefined || target === null) return undefined;
  const { branch, commit, number, url } = target;
  return { number, url, branch, commit, state: "open" };
}

/** What people and the agent said in a run, for search; at most 20,000 characters, the newest kept. */
export function searchText(events: Iterable<RunEvent>): string {
  const said: string[] = [];
  for (const event of events) {
    if (event.type === "turn.finished" && event.data.text !== "") said.push(event.data.text);
    else if (event.type === "message.queued") said.push(event.data.text);
    else if (event.type === "question.asked") said.push(event.data.question);
    else if (event.type === "question.answered") said.push(event.data.answer);
    else if (event.type === "approval.decided" && event.data.comment !== "") said.push(event.data.comment);
  }
  return said.join("\n").slice(-20_000).toWellFormed();
}
