import type { PullRequest, RunState, Stage } from "../../contracts/run.ts";
import { chosenLanes, shownLanes } from "./lanes.ts";
import { hasOpenPulls } from "./watch.ts";
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
  "pull_request.updated",
  // A person's messages can be searched at once, also while the run only waits.
  "message.queued",
  // A paused run does no work, so its searched text is updated.
  "run.paused",
  "pull_request.read",
  "repositories.chosen",
  "lanes.ordered",
  // A lane's decision, writes and CI are shown in lists, also while the run's state stays.
  "patch_set.proposed",
  "approval.decided",
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
  /** Whether the run has ended and a pull request that it opened is open. */
  readonly hasOpenPulls: boolean;
  readonly costMicros: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly headSeq: number;
  readonly updatedAtMs: number;
  readonly finishedAtMs: number | null;
  /** The lanes as the API shows them, as JSON. */
  readonly lanes: string | null;
}

/** A projection's write: the columns that changed, with the number and time of its newest event. */
export type ProjectionWrite = Partial<RunProjection> &
  Pick<RunProjection, "headSeq" | "updatedAtMs"> & { readonly searchText?: string };

/** The row at event `headSeq`, stored at `headAtMs`. Pure, so that repeating it writes the same. */
export function projectRun(view: RunView, headSeq: number, headAtMs: number): RunProjection {
  const lanes = chosenLanes(view);
  const pull = lanes.find(({ pullRequest }) => pullRequest !== undefined)?.pullRequest ?? reviewTarget(view);
  return {
    state: view.state,
    stage: view.stage ?? null,
    baseCommit: lanes[0]?.baseCommit ?? null,
    cause: view.cause,
    prNumber: pull?.number ?? null,
    prUrl: pull?.url ?? null,
    prBranch: pull?.branch ?? null,
    prCommit: pull?.commit ?? null,
    prState: pull?.state ?? null,
    hasOpenPulls: hasOpenPulls(view),
    costMicros: view.costMicros,
    inputTokens: view.inputTokens,
    outputTokens: view.outputTokens,
    headSeq,
    updatedAtMs: headAtMs,
    finishedAtMs: view.endedAtMs,
    lanes: JSON.stringify(shownLanes(view)),
  };
}

/** The pull request that a review run is of; open, or the run would not have begun. */
function reviewTarget(view: RunView): PullRequest | undefined {
  const target = view.reviewed ?? view.created?.reviewOf;
  if (target === undefined || target === null) return undefined;
  const { branch, commit, number, url } = target;
  return { number, url, branch, commit, state: "open" };
}

/**
 * The write that brings a row from `before` to `after`, or undefined when no column has changed. Every column
 * that is written costs its index a row too, so the others are left out.
 */
export function projectionWrite(
  before: RunProjection,
  after: RunProjection,
): (Partial<RunProjection> & Pick<RunProjection, "headSeq" | "updatedAtMs">) | undefined {
  const { headSeq, updatedAtMs, ...columns } = after;
  const changed = Object.entries(columns).filter(([name, value]) => before[name as keyof typeof columns] !== value);
  if (changed.length === 0) return undefined;
  return { ...(Object.fromEntries(changed) as Partial<RunProjection>), headSeq, updatedAtMs };
}

/** Types of the events that hold what `searchText` keeps. */
export const saidEvents = [
  "turn.finished",
  "message.queued",
  "question.asked",
  "question.answered",
  "approval.decided",
] as const satisfies readonly RunEventType[];

const maxSearchCharacters = 20_000;

/**
 * The words of people and of the agent in a run, for search; at most 20,000 characters, the newest kept.
 *
 * @param newestFirst the run's events from its head; no more are taken than are needed
 */
export function searchText(newestFirst: Iterable<RunEvent>): string {
  const said: string[] = [];
  let size = 0;
  for (const event of newestFirst) {
    const text = saidIn(event);
    if (text === "") continue;
    said.push(text);
    size += text.length + 1;
    if (size > maxSearchCharacters) break;
  }
  return said.toReversed().join("\n").slice(-maxSearchCharacters).toWellFormed();
}

function saidIn(event: RunEvent): string {
  if (event.type === "turn.finished" || event.type === "message.queued") return event.data.text;
  if (event.type === "question.asked") return event.data.question;
  if (event.type === "question.answered") return event.data.answer;
  return event.type === "approval.decided" ? event.data.comment : "";
}
