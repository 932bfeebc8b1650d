import { isFinal } from "../../contracts/run.ts";
import { branchWithoutPull, type LaneView } from "./lane-view.ts";
import type { RunView } from "./view.ts";

/**
 * Whether a write may be under way, so that a cancel waits for its end and records it: what is on its way to the forge can't be called
 * back, and a run that has ended records nothing more.
 */
export function mayBeWriting({ returnTo, state }: Pick<RunView, "returnTo" | "state">): boolean {
  return state === "APPLYING" || (state === "NEEDS_HUMAN" && returnTo === "APPLYING");
}

/** Whether a person has cancelled the run and it has still to look at what was written. */
export function isCancelling({ cancelledBy, state }: Pick<RunView, "cancelledBy" | "state">): boolean {
  return cancelledBy !== undefined && !isFinal(state);
}

/** The cause of a cancelled run: by whom, and what it leaves at the forge with the way to be rid of it. */
export function cancelCause(view: Pick<RunView, "lanes">, name: string): string {
  return `Cancelled by ${name}.${leftAtForge(view)}`;
}

/** What a run that ends now leaves at the forge, with the way to be rid of it: sentences with a space before each; empty where it leaves nothing. */
export function leftAtForge({ lanes }: Pick<RunView, "lanes">): string {
  return lanes
    .flatMap(leftText)
    .map((sentence) => ` ${sentence}`)
    .join("");
}

function leftText(lane: LaneView): readonly string[] {
  const { name, owner, pullRequest, writes } = lane;
  const repository = `${owner}/${name}`;
  const loose = looseCommitText(lane);
  if (pullRequest?.state === "open")
    return [
      `Pull request #${pullRequest.number} of ${repository} was left open, at commit ${shortId(pullRequest.commit)} on branch ${pullRequest.branch}. Close it on the run's page or at the forge if it is not wanted: ${pullRequest.url}`,
      ...loose,
    ];
  const branch = branchWithoutPull(lane);
  if (branch !== undefined)
    return [
      `Branch ${branch} of ${repository} was written, at commit ${shortId(writes.commit ?? "?")}, without a pull request. Delete it on the run's page or at the forge if it is not wanted.`,
    ];
  return loose;
}

/** A commit that was written before the branch that was to hold it: git forges remove such commits after a while. */
function looseCommitText({ name, owner, writes }: LaneView): readonly string[] {
  if (writes.commit === undefined || writes.branch !== undefined) return [];
  return [
    `Commit ${shortId(writes.commit)} of ${owner}/${name} was written, and no branch points to it: the forge removes it by itself. Nothing needs doing.`,
  ];
}

function shortId(commit: string): string {
  return commit.slice(0, 10);
}
