import type { Companion } from "../../contracts/lane.ts";
import type { RunEventData } from "../../contracts/run-events.ts";
import type { SimulatedRepository } from "./run-start.ts";

/** A lane as the log describes it, followed independently of the fold. */
export interface LaneSeen {
  readonly id: string;
  readonly folder: string;
  readonly repository: SimulatedRepository;
  /** Ids of the lanes that it depends on: by the project, by its manifest, and by the orders that were recorded. */
  readonly dependsOn: Set<string>;
  isChosen: boolean;
  hasBase: boolean;
  proposal: RunEventData<"patch_set.proposed"> | undefined;
  versions: number;
  approval: RunEventData<"approval.decided"> | undefined;
  isBlocked: boolean;
  /** Kinds of write that are done for the present patch set. */
  readonly writes: Set<string>;
  pull: RunEventData<"pull_request.opened"> | undefined;
  /** Whether the end of CI is recorded of the pull request's present commit. */
  isCiJudged: boolean;
  readonly checks: Map<string, RunEventData<"ci.updated">>;
  /** The report of the tester's present attempt. */
  tests: RunEventData<"tests.reported"> | undefined;
}

/** A lane before anything has happened in it. */
export function unseenLane(repository: SimulatedRepository): LaneSeen {
  const { source } = repository;
  return {
    id: source.id,
    folder: source.folder,
    repository,
    dependsOn: new Set(source.dependsOn),
    isChosen: true,
    hasBase: false,
    proposal: undefined,
    versions: 0,
    approval: undefined,
    isBlocked: false,
    writes: new Set(),
    pull: undefined,
    isCiJudged: false,
    checks: new Map(),
    tests: undefined,
  };
}

/** Whether a person has left the lane's patch set out. */
export function isLeftOut({ approval, proposal }: LaneSeen): boolean {
  return proposal !== undefined && approval?.decision === "reject";
}

/** Whether the lane's decision is a yes to exactly what it proposes. */
export function isAgreed({ approval, isBlocked, isChosen, proposal }: LaneSeen): boolean {
  return (
    isChosen &&
    !isBlocked &&
    approval?.decision === "approve" &&
    approval.hash === proposal?.hash &&
    approval.baseCommit === proposal.baseCommit
  );
}

/** Whether one lane depends on another through lanes of the list. */
export function dependsOn(from: LaneSeen, to: LaneSeen, lanes: readonly LaneSeen[]): boolean {
  const seen = new Set<string>([from.id]);
  const open = [from];
  for (let lane = open.pop(); lane !== undefined; lane = open.pop()) {
    if (lane.dependsOn.has(to.id)) return true;
    for (const next of lanes) if (lane.dependsOn.has(next.id) && !seen.has(next.id)) open.push(next);
    for (const { id } of open) seen.add(id);
  }
  return false;
}

/** The links that a lane's patch set must have: to each other delivered lane, in the order of the lanes. */
export function linksOf(
  lane: LaneSeen,
  delivered: readonly LaneSeen[],
  chosen: readonly LaneSeen[],
): readonly Companion[] {
  const at = delivered.indexOf(lane);
  return delivered.flatMap((other, index) => {
    if (other === lane) return [];
    const { id: repositoryId, name, owner } = other.repository.source;
    const isBefore = index < at && dependsOn(lane, other, chosen);
    const isAfter = index > at && dependsOn(other, lane, chosen);
    return [{ repositoryId, owner, name, merge: isBefore ? "before" : isAfter ? "after" : "beside" } as const];
  });
}

/** Whether two proposals are of the same bytes on the same base, with the same links. */
export function isSameWork(one: LaneSeen["proposal"], other: RunEventData<"patch_set.proposed">): boolean {
  const work = ({ baseCommit, companions, patches }: RunEventData<"patch_set.proposed">): string =>
    JSON.stringify([baseCommit, companions, patches]);
  return one !== undefined && work(one) === work(other);
}
