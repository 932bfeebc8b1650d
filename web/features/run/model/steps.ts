import type { RunMode, RunState } from "../../../../contracts/run.ts";
import { walkOf } from "../../../../domain/run/table.ts";
import type { Visit } from "./history.ts";

export type StepId =
  | "queue"
  | "triage"
  | "architect"
  | "plan"
  | "code"
  | "review"
  | "test"
  | "approve"
  | "write"
  | "ci"
  | "done";

export interface Step {
  readonly id: StepId;
  readonly label: string;
  /** `now` where the run is, `stopped` where it ended or waits for a person. */
  readonly status: "ahead" | "now" | "passed" | "stopped";
  /** Time spent so far, in ms, without the stay that lasts. */
  readonly spentMs: number;
  /** Since when the run is here, or null. */
  readonly sinceMs: number | null;
  /** The number of times that the run entered this step. */
  readonly times: number;
}

const labels: Record<StepId, string> = {
  queue: "Queue",
  triage: "Triage",
  architect: "Architect",
  plan: "Plan",
  code: "Code",
  review: "Review",
  test: "Test",
  approve: "Approve",
  write: "Write",
  ci: "CI",
  done: "Done",
};

const stepOfState: Partial<Record<RunState, StepId>> = {
  QUEUED: "queue",
  TRIAGING: "triage",
  ARCHITECTING: "architect",
  PLANNING: "plan",
  CODING: "code",
  REVIEWING: "review",
  TESTING: "test",
  PATCHES_PROPOSED: "approve",
  BLOCKED_POLICY: "approve",
  WAITING_APPROVAL: "approve",
  APPLYING: "write",
  PR_OPEN: "write",
  VERIFYING_CI: "ci",
  DONE: "done",
};

/** The steps of a mode, in the order in which the state machine's table walks its states. */
function walkSteps(mode: RunMode): readonly StepId[] {
  return [...new Set(walkOf(mode).flatMap((state) => stepOfState[state] ?? []))];
}

/** The way of a mode, each step with whether the run is before, at or past it, and the time it took. */
export function stepsOf(mode: RunMode, visits: readonly Visit[]): readonly Step[] {
  const last = visits.at(-1);
  const walk = walkSteps(mode);
  const ended = last !== undefined && stepOfState[last.state] === undefined;
  const placed = visits.findLast((visit) => stepOfState[visit.state] !== undefined);
  const at = placed === undefined ? "queue" : (stepOfState[placed.state] ?? "queue");
  const atIndex = walk.indexOf(at);
  return walk.map((id, index) => {
    const stays = visits.filter((visit) => stepOfState[visit.state] === id);
    const open = stays.find((visit) => visit.untilMs === null);
    const status = index > atIndex ? "ahead" : index < atIndex || id === "done" ? "passed" : ended ? "stopped" : "now";
    return {
      id,
      label: labels[id],
      status,
      spentMs: stays.reduce((sum, visit) => sum + (visit.untilMs === null ? 0 : visit.untilMs - visit.fromMs), 0),
      sinceMs: id === "done" ? null : (open?.fromMs ?? null),
      times: stays.filter((visit, place) => place === 0 || visit.fromMs !== stays[place - 1]?.untilMs).length,
    };
  });
}
