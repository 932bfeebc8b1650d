import { isFinal } from "../../../contracts/run.ts";
import { branchWithoutPull, hasBranchOfClosed } from "../lane-view.ts";
import { findLane } from "../lanes.ts";
import { refuse, type Decide } from "./command.ts";

/**
 * Records a person's request to close the pull request that an ended run left, and to delete its branch. The run's object then does it once. A pull
 * request that is closed already can still lose its branch.
 */
export const closePullRequest: Decide<"close_pull_request"> = (view, command) => {
  const { by, deletesBranch, repositoryId, role, sessionId } = command;
  if (!isFinal(view.state))
    return refuse("conflict", `The run has not ended (${view.state}). Cancel it first, then close its pull request.`);
  const lane = findLane(view, repositoryId);
  const pull = lane?.pullRequest;
  if (lane === undefined || pull === undefined) {
    const branch = lane === undefined ? undefined : branchWithoutPull(lane);
    const left = branch === undefined ? "" : ` It left the branch ${branch}, which can be deleted by itself.`;
    return refuse("not_found", `This run has opened no pull request in that repository.${left}`);
  }
  const { number, state } = pull;
  if (lane.closing !== undefined)
    return refuse("conflict", `Pull request #${number} is being closed already, by ${lane.closing.by.name}.`);
  if (state === "merged") return refuse("conflict", `Pull request #${number} was merged: nothing is left to close.`);
  if (state === "closed" && !(deletesBranch && hasBranchOfClosed(lane)))
    return refuse("conflict", `Pull request #${number} is closed already.`);
  const data = { repositoryId, number, deletesBranch, by, role, sessionId: String(sessionId) };
  return { ok: true, events: [{ type: "pull_request.close_requested", data }] };
};
