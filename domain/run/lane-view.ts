import type { Companion, LaneSource } from "../../contracts/lane.ts";
import type { GateResult, RunEventData, TestReport, WriteKind } from "../../contracts/run-events.ts";
import type { GateId, PullRequest } from "../../contracts/run.ts";

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
  readonly gates: Readonly<Partial<Record<GateId, GateResult>>>;
  /** The decision on the newest patch set. */
  readonly approval: RunEventData<"approval.decided"> | undefined;
  /** Writes of the newest patch set, by kind: the reference that the forge gave. */
  readonly writes: Readonly<Partial<Record<WriteKind, string>>>;
  readonly pullRequest: PullRequest | undefined;
  /** Check runs of all commits of this lane, by id. */
  readonly ci: Readonly<Record<string, RunEventData<"ci.updated">>>;
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
    gates: {},
    approval: undefined,
    writes: {},
    pullRequest: undefined,
    ci: {},
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

/** The check runs of the lane's present head commit. Those of an earlier version of the patch set don't count. */
export function presentChecks(lane: LaneView): readonly RunEventData<"ci.updated">[] {
  return Object.values(lane.ci).filter(({ commit }) => commit === lane.pullRequest?.commit);
}

/** Whether the lane's pull request is open and its CI has come to an end that holds: green, or no CI at all. */
export function isVerified(lane: LaneView): boolean {
  const gate = lane.gates.G5;
  return lane.pullRequest !== undefined && gate !== undefined && gate.status !== "fail";
}
