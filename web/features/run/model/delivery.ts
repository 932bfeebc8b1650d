import type { Companion } from "../../../../contracts/lane.ts";
import type { RunView } from "../../../../domain/run/view.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { laneApproval, laneCi, lanePatchSet, type LaneView } from "./lanes.ts";
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
  const open = changed.filter(({ pullRequest }) => pullRequest !== null).length;
  if (open > 0) {
    const green = changed.filter((lane) => laneCi(lane) === "passed").length;
    return `${open} of ${count} pull requests open, ${green} with green CI`;
  }
  const isWritten = changed.some(({ writes }) => writes.length > 0);
  const approved = changed.filter((lane) => laneApproval(lane)?.decision === "approve").length;
  if (isWritten) return `${approved} of ${count} approved, being written`;
  const rule = created?.delivery === "lane_by_lane" ? "each by itself" : "all or none";
  return `${approved} of ${count} approved (${rule}), nothing is written yet`;
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
