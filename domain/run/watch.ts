import type { RunEventData } from "../../contracts/run-events.ts";
import type { LaneView } from "./lane-view.ts";
import type { RunView } from "./view.ts";

/** A pull request as the forge shows it now. */
export interface PullNow {
  readonly state: "open" | "closed" | "merged";
  readonly headCommit: string;
  /** Null while the forge has not found out. */
  readonly isMergeable: boolean | null;
  readonly isBranchDeleted: boolean;
}

/** The news about a lane's pull request: null where nothing is new. A mergeability that is not known yet is no news. */
export function pullNews(lane: LaneView, now: PullNow): RunEventData<"pull_request.updated"> | null {
  const { head, id, patchSet, pullRequest } = lane;
  if (pullRequest === undefined) return null;
  const known = head ?? { commit: pullRequest.commit, isConflicting: false, isBranchDeleted: false };
  // Just after a push the forge may still show the commit that the push replaced, which is the run's own too.
  const headCommit = now.headCommit === patchSet?.parentCommit ? known.commit : now.headCommit;
  const isConflicting = now.isMergeable === null ? known.isConflicting : !now.isMergeable;
  const isSame =
    now.state === pullRequest.state &&
    headCommit === known.commit &&
    isConflicting === known.isConflicting &&
    now.isBranchDeleted === known.isBranchDeleted;
  if (isSame) return null;
  const { isBranchDeleted, state } = now;
  return { repositoryId: id, number: pullRequest.number, state, headCommit, isConflicting, isBranchDeleted };
}

/**
 * Whether a run that has ended still looks at its pull requests when it hears of them or its page is opened: people merge, close and reopen
 * them afterwards. A merged one stays merged.
 */
export function followsPulls({ endedAtMs, lanes }: Pick<RunView, "endedAtMs" | "lanes">): boolean {
  return endedAtMs !== null && lanes.some(({ pullRequest }) => (pullRequest?.state ?? "merged") !== "merged");
}

/** Whether a run that has ended left a pull request open, as far as it knows. */
export function hasOpenPulls({ endedAtMs, lanes }: Pick<RunView, "endedAtMs" | "lanes">): boolean {
  return endedAtMs !== null && lanes.some(({ pullRequest }) => pullRequest?.state === "open");
}

const hourMs = 3_600_000;
/** The shortest time between two looks at the pull requests of a run that has ended, when nothing tells of them; the first is as long after its end. */
export const firstLookMs = 6 * hourMs;
const longestLookMs = 7 * 24 * hourMs;

/** The time in ms until such a run looks again, by the time in ms since its end: a quarter of that, within 6 hours and a week. */
export function lookAgainMs(endedForMs: number): number {
  return Math.min(longestLookMs, Math.max(firstLookMs, Math.round(endedForMs / 4)));
}

/** The news about a lane's pull request for a run that has ended: it was merged, closed or reopened. Pushes to it are none. */
export function newsAfterEnd(lane: LaneView, now: PullNow): RunEventData<"pull_request.updated"> | null {
  return now.state === lane.pullRequest?.state ? null : pullNews(lane, now);
}

/**
 * The meaning of a pull request's present state for its watch: `merged` closes the watch well, `closed`, `moved` (somebody
 * else's commit is the head, and no person has agreed to watch it) and `conflicting` need a person.
 */
export function watchResult(lane: LaneView): "open" | "merged" | "closed" | "moved" | "conflicting" {
  const { head, pullRequest } = lane;
  if (pullRequest?.state === "merged" || pullRequest?.state === "closed") return pullRequest.state;
  if (head !== undefined && head.commit !== pullRequest?.commit && !head.isAgreed) return "moved";
  return head?.isConflicting === true ? "conflicting" : "open";
}

/** The words to a person about a pull request that needs one: the news, what stays as it is, and what can be done. */
export function watchText(lane: LaneView): string {
  const { baseBranch, head, pullRequest } = lane;
  const named = `Pull request #${pullRequest?.number ?? "?"} of ${lane.owner}/${lane.name}`;
  switch (watchResult(lane)) {
    case "closed":
      return head?.isBranchDeleted === true
        ? `${named} was closed because its branch ${pullRequest?.branch ?? ""} was deleted. Nothing was merged. Restore the branch and reopen it at the forge, then resume; or cancel the run.`
        : `${named} was closed without a merge. Its branch is still there. Reopen it at the forge, then resume; or cancel the run.`;
    case "moved":
      return `${named} has a commit that this run did not write: ${head?.commit.slice(0, 10) ?? ""} is now the head of ${pullRequest?.branch ?? ""}. The run's own commit is kept below it. Look at it, then resume to let its checks decide, or cancel the run.`;
    case "conflicting":
      return `${named} conflicts with ${baseBranch}, which has moved on, and its checks may not run. The pull request stays open. Resolve the conflict at the forge, then resume.`;
    case "open":
    case "merged":
      return "";
  }
}

/** The commit whose checks decide on a lane: the run's own, or the head that a person agreed to watch. */
export function watchedCommit({ head, pullRequest }: Pick<LaneView, "head" | "pullRequest">): string | undefined {
  return head?.isAgreed === true ? head.commit : pullRequest?.commit;
}

/** Whether the commit under watch is one that the run did not write. */
export function watchesForeignCommit(lane: Pick<LaneView, "head" | "pullRequest">): boolean {
  return watchedCommit(lane) !== lane.pullRequest?.commit;
}
