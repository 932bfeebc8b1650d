import type { RunLane } from "../../../../contracts/lane.ts";
import type { Approval, PatchSet } from "../../../../contracts/patch-set.ts";
import type { GateResult } from "../../../../contracts/run-events.ts";
import type { GateId, PullRequest, RunState } from "../../../../contracts/run.ts";
import { checkClass, ciVerdict, type Check, type RequiredCheck } from "../../../../domain/run/ci.ts";
import { branchWithoutPull, hasBranchOfClosed, type LaneView as DomainLane } from "../../../../domain/run/lane-view.ts";
import { chosenLanes, laneStatus } from "../../../../domain/run/lanes.ts";
import type { RunView } from "../../../../domain/run/view.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { laneStatusLabel, stateLabel } from "../../../lib/words.ts";
import type { DatedTests, RunHistory, Write } from "./history.ts";

export type Gates = Readonly<Partial<Record<GateId, GateResult>>>;
export type CiCheck = Check;

/** A run's work on one repository: its patch set with everything that was found, decided and written about it. */
export interface LaneView {
  readonly repositoryId: string;
  readonly owner: string;
  readonly name: string;
  /** The repository's folder in the sandbox; empty when it is the run's only one. */
  readonly folder: string;
  readonly base: { readonly branch: string; readonly commit: string | null };
  /** The lane's status in a few words: `Waiting for approval`. */
  readonly stateText: string;
  /** Every version of the patch set, oldest first. */
  readonly versions: readonly PatchSet[];
  readonly tests: readonly DatedTests[];
  readonly gates: Gates;
  readonly writes: readonly Write[];
  readonly pullRequest: PullRequest | null;
  /** A person's request to close the pull request, while it is being done. */
  readonly closing: NonNullable<DomainLane["closing"]> | null;
  /** A person's request to delete the branch that has no pull request, while it is being done. */
  readonly deleting: NonNullable<DomainLane["deleting"]> | null;
  /** The branch that the run wrote and that is still there, without a pull request or with one that is closed without a merge. */
  readonly leftBranch: string | null;
  /** The end of the last such request. */
  readonly closeResult: NonNullable<DomainLane["closeResult"]> | null;
  readonly ci: readonly CiCheck[];
  readonly requiredChecks: readonly RequiredCheck[];
  /** Ids of the repositories whose pull requests must be merged first. */
  readonly dependsOn: readonly string[];
}

/** The combined state of all checks of a lane's newest commit. `none` is no pass; `asks`: a person has to act at the forge. */
export type CiState = "none" | "running" | "passed" | "failed" | "asks";

/** The lanes that the run works on, in the order in which their pull requests open. Lanes that were left out are not among them. */
export function lanesOf(
  view: RunView,
  history: Pick<RunHistory, "patchSets" | "tests" | "writes">,
): readonly LaneView[] {
  return chosenLanes(view).map((lane) => {
    const isOfLane = ({ repositoryId }: { readonly repositoryId: string | null }): boolean => repositoryId === lane.id;
    return {
      repositoryId: lane.id,
      owner: lane.owner,
      name: lane.name,
      folder: lane.folder,
      base: { branch: lane.baseBranch, commit: lane.baseCommit ?? null },
      stateText: stateText(view.state, laneStatus(lane)),
      versions: history.patchSets.filter(isOfLane),
      tests: history.tests.filter(isOfLane),
      gates: { ...view.gates, ...lane.gates },
      writes: history.writes.filter(isOfLane),
      pullRequest: lane.pullRequest ?? null,
      closing: lane.closing ?? null,
      deleting: lane.deleting ?? null,
      leftBranch: (hasBranchOfClosed(lane) ? lane.pullRequest?.branch : branchWithoutPull(lane)) ?? null,
      closeResult: lane.closeResult ?? null,
      ci: Object.values(lane.ci),
      requiredChecks: lane.requiredChecks,
      dependsOn: mergedBefore(view, lane),
    };
  });
}

/** The run's status while the agents work on all lanes together; afterwards the lane's own. */
function stateText(state: RunState, status: RunLane["status"]): string {
  const isOwn = status !== "no_changes" && status !== "working";
  return isOwn || isFinal(state) ? laneStatusLabel(status) : stateLabel(state);
}

/**
 * Ids of the repositories that are merged before this lane: as its proposal names them, before it those that it depends on. Where
 * repositories depend on each other, only those that the order puts before it, and none while a person has still to order them.
 */
function mergedBefore(view: RunView, { dependsOn, id, patchSet }: DomainLane): readonly string[] {
  if (patchSet !== undefined)
    return patchSet.companions.filter(({ merge }) => merge === "before").map(({ repositoryId }) => repositoryId);
  if (!view.isOrdered) return dependsOn;
  const order = chosenLanes(view).map((lane) => lane.id);
  const isOpen = (other: string): boolean => view.laneCycle.includes(id) && view.laneCycle.includes(other);
  return dependsOn.filter((other) => !isOpen(other) && order.indexOf(other) < order.indexOf(id));
}

/** The lane of this repository; the first one where it has none or none is named. */
export function laneAt(lanes: readonly LaneView[], repositoryId: string | undefined): LaneView | undefined {
  return lanes.find((lane) => lane.repositoryId === repositoryId) ?? lanes[0];
}

/** The newest version of the lane's patch set. */
export function lanePatchSet(lane: LaneView | undefined): PatchSet | undefined {
  return lane?.versions.at(-1);
}

/** The decision on the newest version, or null while there is none. */
export function laneApproval(lane: LaneView): Approval | null {
  return lanePatchSet(lane)?.approval ?? null;
}

/** True when a person can decide on the lane's newest version now. */
export function laneWaits(lane: LaneView, state: RunState): boolean {
  const patchSet = lanePatchSet(lane);
  return (
    (state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY") &&
    patchSet !== undefined &&
    patchSet.approval === null &&
    !patchSet.superseded
  );
}

/** Files, added and deleted lines of a patch set. */
export function sizeOf(patchSet: PatchSet): {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
} {
  return {
    files: patchSet.patches.length,
    additions: patchSet.patches.reduce((sum, patch) => sum + patch.additions, 0),
    deletions: patchSet.patches.reduce((sum, patch) => sum + patch.deletions, 0),
  };
}

/** Counts the findings that block a patch set and those that warn. */
export function findingsOf(patchSet: PatchSet): { readonly blocks: number; readonly warnings: number } {
  const blocks = patchSet.violations.filter((violation) => violation.severity === "BLOCK").length;
  return { blocks, warnings: patchSet.violations.length - blocks };
}

/** The lane's checks of the commit that was written for a version, those that are superseded left out. */
export function laneChecks(lane: LaneView, hash: string): readonly CiCheck[] {
  const commit = laneWrite(lane, "commit", hash)?.finished?.reference;
  return lane.ci.filter((check) => check.commit === commit && !check.isSuperseded);
}

/** The lane's write of a kind for a version. */
export function laneWrite(lane: LaneView, kind: Write["kind"], hash: string): Write | undefined {
  return lane.writes.find((write) => write.kind === kind && write.hash === hash);
}

/** The state of the newest version's checks. One failure shows at once, also while others run. */
export function laneCi(lane: LaneView): CiState {
  const patchSet = lanePatchSet(lane);
  const checks = patchSet === undefined ? [] : laneChecks(lane, patchSet.hash);
  if (checks.length === 0) return "none";
  if (checks.some((check) => checkClass(check) === "failed")) return "failed";
  const verdict = ciVerdict(checks, lane.requiredChecks);
  return verdict === "waiting" || verdict === "missing" ? "running" : verdict;
}

/** True when the run has ended or stopped, so that an open write will not finish by itself. */
export function standsStill(state: RunState): boolean {
  return isFinal(state) || state === "NEEDS_HUMAN";
}
