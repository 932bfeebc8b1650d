import type { Companion } from "../../../../contracts/lane.ts";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import { otherBranchNames } from "../../../../domain/patch-set/branch-name.ts";
import { commitMessage } from "../../../../domain/text/commit-message.ts";
import type { RunView } from "../../../../domain/run/view.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { laneApproval, laneCi, lanePatchSet, laneWrite, type LaneView } from "./lanes.ts";
import { listed } from "./lane-names.ts";

/** Lanes that change something, so that a person decides on them. */
function changedLanes(lanes: readonly LaneView[]): readonly LaneView[] {
  return lanes.filter((lane) => {
    const patchSet = lanePatchSet(lane);
    return patchSet !== undefined && !patchSet.superseded && patchSet.patches.length > 0;
  });
}

/** The progress of all repositories of a run in a few words: `1 of 2 approved, nothing is written yet`. */
export function progressOf(lanes: readonly LaneView[], { created, state }: Pick<RunView, "created" | "state">): string {
  const changed = changedLanes(lanes);
  const count = changed.length;
  if (count === 0) return isFinal(state) ? "nothing was proposed" : "no changes yet";
  const { closed, merged, open } = countPulls(changed);
  const rest = [merged > 0 && open > 0 && `, ${merged} merged`, closed > 0 && `, ${closed} closed`].filter(Boolean);
  if (open > 0) {
    const green = changed.filter(isOpenAndGreen).length;
    return `${open} of ${count} pull requests open${rest.join("")}, ${green} with green CI`;
  }
  if (merged + closed > 0) return `${merged} of ${count} pull requests merged${rest.join("")}`;
  const isWritten = changed.some(({ writes }) => writes.length > 0);
  const approved = changed.filter((lane) => laneApproval(lane)?.decision === "approve").length;
  if (isWritten) return `${approved} of ${count} approved, being written`;
  const rule = created?.delivery === "lane_by_lane" ? "each by itself" : "all or none";
  return `${approved} of ${count} approved (${rule}), nothing is written yet`;
}

function isOpenAndGreen(lane: LaneView): boolean {
  return lane.pullRequest?.state === "open" && laneCi(lane) === "passed";
}

function countPulls(lanes: readonly LaneView[]): Readonly<Record<"open" | "merged" | "closed", number>> {
  const count = (state: string): number => lanes.filter(({ pullRequest }) => pullRequest?.state === state).length;
  return { open: count("open"), merged: count("merged"), closed: count("closed") };
}

/** Says how the pull requests of a finished run stand, and the next thing to do with them. */
export function pullsAdvice(lanes: readonly LaneView[]): string {
  const { closed, merged, open } = countPulls(lanes);
  const all = closed + merged + open;
  if (merged === all && all > 0) return all > 1 ? "The pull requests are merged." : "The pull request is merged.";
  if (all === 1 && closed === 1)
    return "The pull request was closed without a merge. Reopen it on GitHub if it is still wanted.";
  if (open < all) {
    const is = (count: number, what: string): string => `${count} ${count === 1 ? "is" : "are"} ${what}`;
    return `Of the pull requests ${is(open, "open")}, ${is(merged, "merged")} and ${is(closed, "closed without a merge")}.`;
  }
  // The run's cause names the repositories that no CI has checked.
  const areGreen = lanes.every((lane) => lane.pullRequest === null || isOpenAndGreen(lane));
  return open > 1
    ? `The pull requests are open${areGreen ? " and their checks are green" : ""}. Merge them on GitHub in this order.`
    : `The pull request is open${areGreen ? " and its checks are green" : ""}. Merge it on GitHub when you like.`;
}

/** Names of the other lanes that a person has still to decide on. */
export function undecidedNames(lane: LaneView, lanes: readonly LaneView[]): readonly string[] {
  return changedLanes(lanes)
    .filter((other) => other.repositoryId !== lane.repositoryId && laneApproval(other) === null)
    .map(({ name }) => name);
}

/** The effect of approving this lane, in one sentence: nothing is written while other lanes wait for their decision. */
export function approvalEffect(
  lane: LaneView,
  lanes: readonly LaneView[],
  { created }: Pick<RunView, "created">,
): string {
  const push = "lets the write gate push this hash onto this base, once.";
  if (lanes.length < 2) return `Approving ${push}`;
  const waiting = undecidedNames(lane, lanes);
  const rejection =
    created?.delivery === "lane_by_lane"
      ? "Rejecting leaves this repository out; the others go on."
      : lanes.some(({ pullRequest }) => pullRequest !== null)
        ? "Rejecting ends the run; pull requests that are open stay open."
        : "Rejecting one ends the run: all are delivered or none.";
  if (waiting.length === 0) return `This is the last decision: approving ${push} ${rejection}`;
  return `Nothing is written before ${listed(waiting)} ${waiting.length === 1 ? "is" : "are"} decided too. ${rejection}`;
}

/** The branch of a version: the name under which it was written, before that the one that an approval is for. */
export function branchOf(lane: LaneView, { hash, headBranch }: Pick<PatchSet, "hash" | "headBranch">): string {
  return laneWrite(lane, "branch", hash)?.finished?.reference ?? headBranch;
}

/** The name that a new branch gets where another branch is in the way of its own, in one sentence; null where it has no other. */
export function otherNameText(
  { pullRequest }: Pick<LaneView, "pullRequest">,
  { headBranch }: Pick<PatchSet, "headBranch">,
): string | null {
  const [other] = pullRequest === null ? otherBranchNames(headBranch) : [];
  return other === undefined
    ? null
    : `If a branch of the repository is in the way of this name, the approval is for the name ${other} instead.`;
}

/** The message of the commit as the write gate makes it; before an approval with a place for the name of the person who approves. */
export function commitText(patchSet: Pick<PatchSet, "approval" | "coAuthors" | "hash" | "title">): string {
  return commitMessage(patchSet, patchSet.hash, patchSet.approval?.by.name ?? "the person who approves");
}

const mergeWords: Readonly<Record<Companion["merge"], (names: string) => string>> = {
  before: (names) => `after ${names}`,
  after: (names) => `before ${names}`,
  beside: (names) => `in any order with ${names}`,
};

/** When a lane's pull request is merged relative to those that it links to: `after lime-units, before lime-shop`; null for none. */
export function mergeOrder(companions: readonly Companion[]): string | null {
  if (companions.length === 0) return null;
  return (["before", "after", "beside"] as const)
    .flatMap((merge) => {
      const names = companions.filter((each) => each.merge === merge).map(({ name }) => name);
      return names.length === 0 ? [] : [mergeWords[merge](listed(names))];
    })
    .join(", ");
}
