import type { NewRunEvent, RunEventData } from "../../contracts/run-events.ts";
import { newLane, unseenPaths, type LaneView } from "./lane-view.ts";
import type { RunView } from "./view.ts";

/** The view after an event that belongs to a lane, or that lists the lanes. Other events leave it as it is. */
export function applyLaneEvent(view: RunView, event: NewRunEvent): RunView {
  switch (event.type) {
    case "run.created":
      return { ...view, created: event.data, mode: event.data.mode, lanes: event.data.repositories.map(newLane) };
    case "repositories.chosen":
      return applyChoice(view, event.data);
    case "lanes.ordered":
      return applyOrder(view, event.data);
    case "versions.compared":
      return { ...view, packages: event.data.packages };
    case "pull_request.read": {
      const lanes = view.lanes.map((lane, index) =>
        index === 0 ? { ...lane, baseCommit: event.data.baseCommit } : lane,
      );
      return { ...view, reviewed: event.data, lanes };
    }
    case "base.resolved":
      return changeLane(view, event.data.repositoryId, { baseCommit: event.data.baseCommit });
    case "repository.inspected":
      return changeLane(view, event.data.repositoryId, { testCommand: event.data.testCommand });
    case "workspace.saved":
      return changeLane(view, event.data.repositoryId, { changedFiles: event.data.fileCount });
    case "tests.reported": {
      const { repositoryId, ...tests } = event.data;
      return changeLane(view, repositoryId, { tests });
    }
    case "patch_set.proposed":
      return updateLane(view, event.data.repositoryId, (lane) => proposed(lane, event.data));
    case "patch_set.withdrawn":
      return changeLane(view, event.data.repositoryId, {
        patchSet: undefined,
        isBlocked: false,
        unseen: [],
        approval: undefined,
        writes: {},
      });
    case "policy.evaluated":
      return changeLane(view, event.data.repositoryId, {
        isBlocked: event.data.violations.some((violation) => violation.severity === "BLOCK"),
        unseen: unseenPaths(event.data.violations),
      });
    default:
      return applyDeliveryEvent(view, event);
  }
}

/** Gates, decisions, writes and CI: of a lane, or of the run's own proposal. */
function applyDeliveryEvent(view: RunView, event: NewRunEvent): RunView {
  switch (event.type) {
    case "gate.evaluated": {
      const { repositoryId, ...gate } = event.data;
      if (repositoryId === null) return { ...view, gates: { ...view.gates, [gate.gate]: gate } };
      return updateLane(view, repositoryId, (lane) => ({ ...lane, gates: { ...lane.gates, [gate.gate]: gate } }));
    }
    case "approval.decided":
      if (event.data.repositoryId === null || view.proposal?.hash === event.data.hash)
        return { ...view, approval: event.data };
      return changeLane(view, event.data.repositoryId, { approval: event.data });
    case "write.finished": {
      const { kind, reference, repositoryId } = event.data;
      if (repositoryId === null) return { ...view, writes: { ...view.writes, [kind]: reference } };
      return updateLane(view, repositoryId, (lane) => ({ ...lane, writes: { ...lane.writes, [kind]: reference } }));
    }
    case "pull_request.opened": {
      const { repositoryId, ...pullRequest } = event.data;
      return changeLane(view, repositoryId, { pullRequest, head: undefined });
    }
    case "pull_request.updated":
      return updateLane(view, event.data.repositoryId, (lane) => pullUpdated(lane, event.data));
    case "pull_request.close_requested":
      return changeLane(view, event.data.repositoryId, { closing: event.data, closeResult: undefined });
    case "pull_request.close_ended": {
      const { outcome, repositoryId, text } = event.data;
      return changeLane(view, repositoryId, { closing: undefined, closeResult: { outcome, text } });
    }
    case "branch.delete_requested":
      return changeLane(view, event.data.repositoryId, { deleting: event.data, closeResult: undefined });
    case "branch.delete_ended":
      return updateLane(view, event.data.repositoryId, (lane) => branchDeleted(lane, event.data));
    case "base.moved":
      return changeLane(view, event.data.repositoryId, {
        movedBase: { commit: event.data.headCommit, isAgreed: false },
      });
    case "ci.updated":
      return updateLane(view, event.data.repositoryId, (lane) => ({
        ...lane,
        ci: { ...lane.ci, [event.data.checkId]: event.data },
      }));
    case "ci.required":
      return changeLane(view, event.data.repositoryId, { requiredChecks: event.data.checks });
    default:
      return view;
  }
}

/** The code of this fold; see `foldSources`. */
export const laneFoldSources: readonly string[] = [
  applyLaneEvent,
  applyDeliveryEvent,
  applyChoice,
  applyOrder,
  proposed,
  pullUpdated,
  branchDeleted,
  agreeToNews,
  changeLane,
  updateLane,
  inOrder,
  newLane,
].map(String);

function applyChoice(view: RunView, choice: RunEventData<"repositories.chosen">): RunView {
  const chosen = new Set(choice.repositoryIds);
  const lanes = view.lanes.map((lane) => ({
    ...lane,
    isChosen: chosen.has(lane.id),
  }));
  // Another set of lanes has another order.
  return { ...view, lanes, isChoiceMade: true, isOrdered: false, laneCycle: [] };
}

/** Edges of the order count as dependencies of their lanes, beside those that the project declares. */
function applyOrder(view: RunView, { cycle, edges, order }: RunEventData<"lanes.ordered">): RunView {
  const lanes = inOrder(view.lanes, order).map((lane) => ({
    ...lane,
    dependsOn: [...new Set([...lane.dependsOn, ...edges.flatMap(({ from, to }) => (from === lane.id ? [to] : []))])],
  }));
  return { ...view, lanes, laneCycle: cycle, isOrdered: true };
}

function proposed(lane: LaneView, patchSet: RunEventData<"patch_set.proposed">): LaneView {
  const { baseCommit, coAuthors, companions, hash, headBranch, parentCommit, summary, title, version } = patchSet;
  // CI of an earlier version proves nothing about this one.
  const { G5: _earlier, ...gates } = lane.gates;
  return {
    ...lane,
    gates,
    patchSet: { hash, version, baseCommit, headBranch, parentCommit, title, summary, companions, coAuthors },
    patchSetCount: version,
    isBlocked: false,
    unseen: [],
    approval: undefined,
    writes: {},
  };
}

function pullUpdated(lane: LaneView, now: RunEventData<"pull_request.updated">): LaneView {
  const { pullRequest } = lane;
  if (pullRequest === undefined) return lane;
  const { headCommit: commit, isBranchDeleted, isConflicting, state } = now;
  const isSame = (lane.head?.commit ?? pullRequest.commit) === commit;
  // CI of the head before proves nothing about this one.
  const { G5, ...gates } = lane.gates;
  return {
    ...lane,
    gates: isSame && G5 !== undefined ? { ...gates, G5 } : gates,
    pullRequest: { ...pullRequest, state },
    closeResult: state === pullRequest.state ? lane.closeResult : undefined,
    head: { commit, isConflicting, isBranchDeleted, isAgreed: isSame && lane.head?.isAgreed === true },
  };
}

function branchDeleted(lane: LaneView, { outcome, text }: RunEventData<"branch.delete_ended">): LaneView {
  const isBranchDeleted = outcome === "deleted" || outcome === "gone";
  return { ...lane, deleting: undefined, closeResult: { outcome, text }, isBranchDeleted };
}

/** The lane after a person let the run go on: the news that the run stopped for is agreed to. */
export function agreeToNews(lane: LaneView): LaneView {
  const { head, movedBase } = lane;
  return {
    ...lane,
    head: head === undefined ? undefined : { ...head, isAgreed: true },
    movedBase: movedBase === undefined ? undefined : { ...movedBase, isAgreed: true },
  };
}

function changeLane(view: RunView, repositoryId: string, fields: Partial<LaneView>): RunView {
  return updateLane(view, repositoryId, (lane) => ({ ...lane, ...fields }));
}

function updateLane(view: RunView, repositoryId: string, update: (lane: LaneView) => LaneView): RunView {
  return { ...view, lanes: view.lanes.map((lane) => (lane.id === repositoryId ? update(lane) : lane)) };
}

/** The lanes in this order; lanes that it doesn't name stay behind, in theirs. */
function inOrder(lanes: readonly LaneView[], order: readonly string[]): readonly LaneView[] {
  const named = order.flatMap((id) => lanes.find((lane) => lane.id === id) ?? []);
  return [...named, ...lanes.filter((lane) => !order.includes(lane.id))];
}
