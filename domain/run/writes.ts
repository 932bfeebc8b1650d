import { isApproved, type LaneView } from "./lane-view.ts";
import { deliveredLanes } from "./lanes.ts";
import type { RunView } from "./view.ts";

/** The writes of a lane, in the order in which they are done. */
export type LaneWrite = "commit" | "branch" | "pull_request" | "pull_request_links";

/** One write of one lane. */
export interface NextWrite {
  readonly repositoryId: string;
  readonly write: LaneWrite;
}

/**
 * The next write of an approved delivery, or undefined when all are done. Every lane's commit comes before any branch, and every
 * branch before any pull request, so that a lane that the forge refuses stops the delivery before anything can be seen. Pull requests open
 * in the order of the lanes, libraries before their consumers; then their texts get the links to each other.
 */
export function nextWrite(view: Pick<RunView, "lanes">): NextWrite | undefined {
  const lanes = deliveredLanes(view).filter(isApproved);
  for (const write of ["commit", "branch", "pull_request", "pull_request_links"] as const) {
    const lane = lanes.find((candidate) => candidate.writes[write] === undefined && isDue(candidate, write));
    if (lane !== undefined) return { repositoryId: lane.id, write };
  }
  return undefined;
}

/** Links are written only where there is another lane to link to. */
function isDue({ patchSet }: LaneView, write: LaneWrite): boolean {
  return write !== "pull_request_links" || (patchSet?.companions.length ?? 0) > 0;
}
