import type { RunLane } from "../../contracts/lane.ts";
import { isApproved, isRejected, waitsForDecision, type LaneView } from "./lane-view.ts";
import type { RunView } from "./view.ts";

/** The lanes that the run works on, in the order in which they are written. */
export function chosenLanes(view: Pick<RunView, "lanes">): readonly LaneView[] {
  return view.lanes.filter(({ isChosen }) => isChosen);
}

/** The lane of a repository; undefined when the run has none. */
export function findLane(view: Pick<RunView, "lanes">, repositoryId: string): LaneView | undefined {
  return view.lanes.find(({ id }) => id === repositoryId);
}

/** The lane of a repository. Throws when the run has none: an event or a step names only lanes of its own run. */
export function laneOf(view: Pick<RunView, "lanes">, repositoryId: string): LaneView {
  const lane = findLane(view, repositoryId);
  if (lane === undefined) throw new Error(`the run has no repository ${repositoryId}`);
  return lane;
}

/** The first lane: the repository that a plan or a review is of, and that lists show. Throws before the run's first event. */
export function firstLane(view: Pick<RunView, "lanes">): LaneView {
  const lane = chosenLanes(view)[0] ?? view.lanes[0];
  if (lane === undefined) throw new Error("the run has no repository yet");
  return lane;
}

/** Whether tools take paths from a root that holds a folder for each repository. */
export function hasFolders(view: Pick<RunView, "lanes">): boolean {
  return view.lanes.some(({ folder }) => folder !== "");
}

/** Lanes whose patch set takes part in the delivery: proposed and not rejected. */
export function deliveredLanes(view: Pick<RunView, "lanes">): readonly LaneView[] {
  return chosenLanes(view).filter((lane) => lane.patchSet !== undefined && !isRejected(lane));
}

/** Whether the run has opened a pull request, or is at the writes of an approved delivery, also where it has stopped to ask about them. */
export function hasBegunToWrite({ lanes, returnTo, state }: Pick<RunView, "lanes" | "returnTo" | "state">): boolean {
  const isDelivering = state === "APPLYING" || (state === "NEEDS_HUMAN" && returnTo === "APPLYING");
  return isDelivering || lanes.some(({ pullRequest }) => pullRequest !== undefined);
}

/**
 * Whether another choice of repositories, made while the product waits for its approval, sends the run back to its author: a repository is added,
 * or no patch set is left, as for a plan, which never has one. Otherwise the patch sets that are left are proposed again.
 *
 * @param chosen ids of the repositories that the run is to work on
 */
export function isMadeAnew(view: Pick<RunView, "lanes">, chosen: readonly string[]): boolean {
  const isAdded = chosen.some((id) => !chosenLanes(view).some((lane) => lane.id === id));
  return isAdded || !deliveredLanes(view).some(({ id }) => chosen.includes(id));
}

/** The meaning of a decision on one lane for the run, once it is recorded. */
export type DecisionOutcome = "waits" | "approved" | "rejected" | "unblocked";

/**
 * The delivery's decision: `approved` when every lane that changes something is decided and at least one is approved, `rejected`
 * when a rejection ends the run (any rejection for all-or-none delivery, otherwise the last one), `unblocked` when the lanes that policy
 * blocked were all left out, `waits` when a person has still to decide.
 */
export function decisionOutcome(view: RunView): DecisionOutcome {
  const proposed = chosenLanes(view).filter(({ patchSet }) => patchSet !== undefined);
  const isAnyRejected = proposed.some(isRejected);
  if (isAnyRejected && view.created?.delivery !== "lane_by_lane") return "rejected";
  if (proposed.every(isRejected)) return "rejected";
  if (proposed.some(waitsForDecision)) {
    const blocked = proposed.some((lane) => lane.isBlocked && !isRejected(lane));
    return view.state === "BLOCKED_POLICY" && !blocked ? "unblocked" : "waits";
  }
  // A lane whose work was undone after its pull request was opened keeps the request for changes: it is no yes.
  return proposed.some(isApproved) ? "approved" : "rejected";
}

/** The status of a lane, for lists and headers. */
export function laneStatus(lane: LaneView): RunLane["status"] {
  if (isRejected(lane)) return "rejected";
  if (lane.pullRequest !== undefined && lane.writes.pull_request !== undefined) {
    if (lane.pullRequest.state !== "open") return lane.pullRequest.state;
    if (lane.gates.G5?.status === "fail") return "ci_failed";
    return lane.gates.G5?.status === "pass" ? "ci_passed" : "open";
  }
  if (lane.writes.commit !== undefined) return "written";
  if (isApproved(lane)) return "approved";
  if (lane.patchSet !== undefined) {
    if (lane.isBlocked) return "blocked";
    return lane.approval === undefined ? "waiting" : "working";
  }
  return lane.changedFiles > 0 ? "working" : "no_changes";
}

/** The lanes as the API shows them. */
export function shownLanes(view: Pick<RunView, "lanes">): readonly RunLane[] {
  return view.lanes.map((lane) => ({
    repositoryId: lane.id,
    owner: lane.owner,
    name: lane.name,
    folder: lane.folder,
    baseBranch: lane.baseBranch,
    baseCommit: lane.baseCommit ?? null,
    isChosen: lane.isChosen,
    status: laneStatus(lane),
    pullRequest: lane.pullRequest ?? null,
  }));
}

/** A lane's path as seen from the workspace's root. */
export function rootPath({ folder }: Pick<LaneView, "folder">, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** The lane that a path from the workspace's root lies in, with the path inside it. Undefined at the root of several folders. */
export function laneOfPath(
  view: Pick<RunView, "lanes">,
  path: string,
): { readonly lane: LaneView; readonly path: string } | undefined {
  const [first = "", ...rest] = path.split("/");
  for (const lane of chosenLanes(view)) {
    if (lane.folder === "") return { lane, path };
    if (lane.folder === first) return { lane, path: rest.join("/") };
  }
  return undefined;
}

/** Whether the run has still to choose among its repositories. */
export function isChoiceOpen(view: Pick<RunView, "created" | "isChoiceMade">): boolean {
  return view.created?.choice === "open" && !view.isChoiceMade;
}
