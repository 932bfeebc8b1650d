import type { NewRunEvent } from "../../contracts/run-events.ts";
import type { LaneView } from "./lane-view.ts";
import type { RunView } from "./view.ts";
import { pullNews, type PullNow } from "./watch.ts";

/** The end of a request to close a pull request, as the forge has it then. */
export interface Closed {
  /** `moved`: its head is a commit that the run did not write, so nothing was done. `merged`: there was nothing to close. */
  readonly outcome: "closed" | "moved" | "merged";
  readonly now: PullNow;
  /** `moved`: somebody pushed to the branch, so it stays. `refused`: the forge refused to delete it. */
  readonly branch: "deleted" | "moved" | "refused" | "stays";
}

/**
 * The lane whose pull request a person wants closed, or whose branch a person wants deleted; undefined when there is none. Only runs that
 * have ended take such a request.
 */
export function closingLane(view: Pick<RunView, "lanes">): LaneView | undefined {
  return view.lanes.find(({ closing, deleting }) => closing !== undefined || deleting !== undefined);
}

/** The run's own commits that the head of its branch may be: of the opened pull request, and of a newer version that was written since. */
export function ownCommits({ pullRequest, writes }: Pick<LaneView, "pullRequest" | "writes">): readonly string[] {
  return [pullRequest?.commit, writes.commit].filter((commit) => commit !== undefined);
}

/** The events of a request that came to its end at the forge. */
export function closedEvents(lane: LaneView, closed: Closed): readonly NewRunEvent[] {
  const news = pullNews(lane, closed.now);
  return [
    ...(news === null ? [] : [{ type: "pull_request.updated" as const, data: news }]),
    endedEvent(lane, {
      outcome: closed.outcome === "closed" ? "closed" : "kept",
      isBranchDeleted: closed.branch === "deleted",
      text: closedText(lane, closed),
    }),
  ];
}

/**
 * The event of a request that failed. `reason` ends a sentence: the forge's own words, or why it could not be asked.
 *
 * @param isKnown false where the forge may have done it without saying so
 */
export function closeFailedEvent(lane: LaneView, reason: string, isKnown: boolean): NewRunEvent {
  const failed = isKnown
    ? `${pullName(lane, "Pull")} was not closed`
    : `It is not known whether ${pullName(lane, "pull")} was closed`;
  const text = `${failed}: ${reason} Look whether the GitHub App still reaches the repository and may write there, then try again; or close it at the forge: ${lane.pullRequest?.url ?? ""}`;
  return endedEvent(lane, { outcome: "failed", isBranchDeleted: false, text });
}

function endedEvent(
  { closing, id, pullRequest }: LaneView,
  end: { readonly outcome: "closed" | "kept" | "failed"; readonly isBranchDeleted: boolean; readonly text: string },
): NewRunEvent {
  const number = closing?.number ?? pullRequest?.number ?? 0;
  return { type: "pull_request.close_ended", data: { repositoryId: id, number, ...end } };
}

function closedText(lane: LaneView, { branch, now, outcome }: Closed): string {
  const { closing, pullRequest } = lane;
  const named = pullName(lane, "pull");
  const branchName = pullRequest?.branch ?? "";
  if (outcome === "merged") return `${pullName(lane, "Pull")} was merged, so nothing was closed or deleted.`;
  if (outcome === "moved")
    return `${pullName(lane, "Pull")} was not closed: the head of ${branchName} is ${now.headCommit.slice(0, 10)}, which this run did not write. Pull request and branch stay as they are. Close it at the forge if it is not wanted: ${pullRequest?.url ?? ""}`;
  const did = `${closing?.by.name ?? "A person"} closed ${named}`;
  if (branch === "deleted") return `${did} and deleted its branch ${branchName}.`;
  if (branch === "stays") return `${did}. Its branch ${branchName} stays.`;
  if (branch === "refused")
    return `${did}. The forge refused to delete its branch ${branchName}, so it stays. Delete it at the forge if it is not wanted.`;
  return `${did}. The head of its branch ${branchName} is a commit that this run did not write, so it stays. Delete it at the forge if it is not wanted.`;
}

function pullName({ name, owner, pullRequest }: LaneView, first: "Pull" | "pull"): string {
  return `${first} request #${pullRequest?.number ?? "?"} of ${owner}/${name}`;
}
