import { isFinal } from "../../../contracts/run.ts";
import { branchWithoutPull } from "../lane-view.ts";
import { findLane } from "../lanes.ts";
import { refuse, type Decide } from "./command.ts";

/**
 * Records a person's request to delete the branch that an ended run wrote and opened no pull request from. The run's object then does it
 * once, where the branch still stands at the run's own commit.
 */
export const deleteBranch: Decide<"delete_branch"> = (view, { by, repositoryId, role, sessionId }) => {
  if (!isFinal(view.state))
    return refuse("conflict", `The run has not ended (${view.state}). Cancel it first, then delete its branch.`);
  const lane = findLane(view, repositoryId);
  if (lane?.writes.branch === undefined)
    return refuse("not_found", "This run has written no branch in that repository.");
  if (lane.pullRequest !== undefined)
    return refuse(
      "conflict",
      `The branch belongs to pull request #${lane.pullRequest.number}. Close that, and let its branch be deleted with it.`,
    );
  if (lane.deleting !== undefined)
    return refuse("conflict", `The branch is being deleted already, by ${lane.deleting.by.name}.`);
  const branch = branchWithoutPull(lane);
  if (branch === undefined) return refuse("conflict", `Branch ${lane.writes.branch} is deleted already.`);
  const data = { repositoryId, branch, by, role, sessionId: String(sessionId) };
  return { ok: true, events: [{ type: "branch.delete_requested", data }] };
};
