import type { Companion, LaneSource } from "../../contracts/lane.ts";
import type { CoAuthor } from "../../contracts/patch-set.ts";
import type { GateResult, RunEventData, TestReport, WriteKind } from "../../contracts/run-events.ts";
import { unseenRule, type PolicyViolation } from "../policy/types.ts";
import type { GateId, PullRequest } from "../../contracts/run.ts";
import type { Check, RequiredCheck } from "./ci.ts";
import { watchedCommit } from "./watch.ts";

/** A lane's newest patch set, as far as decisions need it. */
export interface ProposedPatchSet {
  readonly hash: string;
  readonly version: number;
  readonly baseCommit: string;
  readonly headBranch: string;
  /** The run's own commit that this version goes on top of; null for a new branch. */
  readonly parentCommit: string | null;
  readonly title: string;
  readonly summary: string;
  readonly companions: readonly Companion[];
  /** The people whom its commit names as co-authors. */
  readonly coAuthors: readonly CoAuthor[];
}

/** The head of a pull request; `isAgreed` once a person resumed the run after it was told of it. */
export interface PullHead {
  readonly commit: string;
  readonly isConflicting: boolean;
  readonly isBranchDeleted: boolean;
  readonly isAgreed: boolean;
}

/** One repository inside a run: everything that decisions need to know of it. */
export interface LaneView extends LaneSource {
  /** False once triage or a person has left the repository out. */
  readonly isChosen: boolean;
  readonly baseCommit: string | undefined;
  /** The command that runs its tests; null when there is none, undefined before it was looked for. */
  readonly testCommand: string | null | undefined;
  /** Files that the saved work changes in it. */
  readonly changedFiles: number;
  readonly tests: TestReport | undefined;
  readonly patchSet: ProposedPatchSet | undefined;
  readonly patchSetCount: number;
  /** Whether policy blocks the patch set. */
  readonly isBlocked: boolean;
  /** Paths of the patch set whose content can't be shown. */
  readonly unseen: readonly string[];
  readonly gates: Readonly<Partial<Record<GateId, GateResult>>>;
  /** The decision on the newest patch set. */
  readonly approval: RunEventData<"approval.decided"> | undefined;
  /** Writes of the newest patch set, by kind: the reference that the forge gave. */
  readonly writes: Readonly<Partial<Record<WriteKind, string>>>;
  readonly pullRequest: PullRequest | undefined;
  /** The pull request's head as the forge showed it last; undefined while it is as the run left it. */
  readonly head: PullHead | undefined;
  /** A person's request to close the pull request, which is being done; undefined when there is none. */
  readonly closing: RunEventData<"pull_request.close_requested"> | undefined;
  /** A person's request to delete the branch that was left without a pull request, which is being done. */
  readonly deleting: RunEventData<"branch.delete_requested"> | undefined;
  /** The end of the last such request, while the pull request is as it left it. */
  readonly closeResult:
    | Pick<RunEventData<"pull_request.close_ended"> | RunEventData<"branch.delete_ended">, "outcome" | "text">
    | undefined;
  /** Whether the branch that was left without a pull request was deleted, or found to be gone. */
  readonly isBranchDeleted: boolean;
  /** The base branch's commit that was found to change the patch set's files too; undefined when there was none. */
  readonly movedBase: { readonly commit: string; readonly isAgreed: boolean } | undefined;
  /** Checks of all commits of this lane, by id. */
  readonly ci: Readonly<Record<string, Check>>;
  /** The checks that its base branch demands, as they were read last. */
  readonly requiredChecks: readonly RequiredCheck[];
}

/** A lane before anything has happened in it. */
export function newLane(source: LaneSource): LaneView {
  return {
    ...source,
    isChosen: true,
    baseCommit: undefined,
    testCommand: undefined,
    changedFiles: 0,
    tests: undefined,
    patchSet: undefined,
    patchSetCount: 0,
    isBlocked: false,
    unseen: [],
    gates: {},
    approval: undefined,
    writes: {},
    pullRequest: undefined,
    head: undefined,
    closing: undefined,
    deleting: undefined,
    closeResult: undefined,
    isBranchDeleted: false,
    movedBase: undefined,
    ci: {},
    requiredChecks: [],
  };
}

/** Whether the lane's patch set has been left out of the delivery by a person. */
export function isRejected(lane: LaneView): boolean {
  return lane.patchSet !== undefined && lane.approval?.decision === "reject";
}

/** Whether a person has still to decide on the lane's patch set. */
export function waitsForDecision(lane: LaneView): boolean {
  return lane.isChosen && lane.patchSet !== undefined && lane.approval === undefined;
}

/** Whether the lane's patch set is approved, and every byte that it writes is still to be written or was. */
export function isApproved(lane: LaneView): boolean {
  return lane.isChosen && lane.patchSet !== undefined && lane.approval?.decision === "approve";
}

/** The branch that the lane's writes made and that no pull request of the run is of; undefined when there is none, or none any more. */
export function branchWithoutPull({ isBranchDeleted, pullRequest, writes }: LaneView): string | undefined {
  return pullRequest === undefined && !isBranchDeleted ? writes.branch : undefined;
}

/** Whether a pull request that is closed without a merge still has its branch, as far as the run knows. */
export function hasBranchOfClosed({ head, pullRequest }: LaneView): boolean {
  return pullRequest?.state === "closed" && head?.isBranchDeleted !== true;
}

/** The checks of the commit that decides on the lane. Those of an earlier version of the patch set don't count. */
export function presentChecks(lane: LaneView): readonly Check[] {
  return Object.values(lane.ci).filter(({ commit }) => commit === watchedCommit(lane));
}

/** Whether the watch over the lane's pull request has come to an end that holds: merged, green, or no CI at all. */
export function isVerified(lane: LaneView): boolean {
  const gate = lane.gates.G5;
  if (lane.pullRequest?.state === "merged") return true;
  return lane.pullRequest?.state === "open" && gate !== undefined && gate.status !== "fail";
}

/** Paths of a patch set whose content can't be shown, by what policy found in it. */
export function unseenPaths(violations: readonly PolicyViolation[]): readonly string[] {
  return violations.flatMap(({ path, rule }) => (rule === unseenRule && path !== null ? [path] : []));
}
