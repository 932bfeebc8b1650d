import type { RunLane } from "../../contracts/lane.ts";
import type { RunMode, RunState } from "../../contracts/run.ts";
import type { TicketStage } from "../../contracts/project.ts";

export type Tone = "working" | "attention" | "good" | "bad" | "quiet";

const stateWords: Record<RunState, { label: string; tone: Tone }> = {
  QUEUED: { label: "Queued", tone: "working" },
  TRIAGING: { label: "Triaging", tone: "working" },
  ARCHITECTING: { label: "Architecting", tone: "working" },
  PLANNING: { label: "Planning", tone: "working" },
  CODING: { label: "Coding", tone: "working" },
  REVIEWING: { label: "Reviewing", tone: "working" },
  TESTING: { label: "Testing", tone: "working" },
  PATCHES_PROPOSED: { label: "Checking policy", tone: "working" },
  BLOCKED_POLICY: { label: "Blocked by policy", tone: "bad" },
  WAITING_APPROVAL: { label: "Waiting for approval", tone: "attention" },
  APPLYING: { label: "Writing", tone: "working" },
  PR_OPEN: { label: "Pull request open", tone: "working" },
  VERIFYING_CI: { label: "Checking CI", tone: "working" },
  DONE: { label: "Done", tone: "good" },
  DECLINED: { label: "Declined", tone: "quiet" },
  DEFERRED: { label: "Deferred", tone: "quiet" },
  NEEDS_HUMAN: { label: "Needs you", tone: "attention" },
  CANCELLED: { label: "Cancelled", tone: "quiet" },
  FAILED: { label: "Failed", tone: "bad" },
};

/** The label of a run's state for people. */
export function stateLabel(state: RunState): string {
  return stateWords[state].label;
}

const laneStatusWords: Record<RunLane["status"], string> = {
  no_changes: "No changes",
  working: "Changed",
  blocked: "Blocked by policy",
  waiting: "Waiting for approval",
  approved: "Approved",
  rejected: "Rejected",
  written: "Commit written",
  open: "Pull request open",
  ci_failed: "CI failed",
  ci_passed: "CI passed",
  merged: "Merged",
  closed: "Pull request closed",
};

/** The status of one repository of a run, in a few words. */
export function laneStatusLabel(status: RunLane["status"]): string {
  return laneStatusWords[status];
}

/** The tone of a run's state for its reader: nothing to do yet, a look, or a worry. */
export function stateTone(state: RunState): Tone {
  return stateWords[state].tone;
}

export const modeLabels: Record<RunMode, string> = {
  plan: "Plan",
  implement: "Implement",
  bugfix: "Fix a bug",
  review: "Review",
  feature: "Feature",
};

export const stageLabels: Record<TicketStage, string> = {
  backlog: "Backlog",
  todo: "Todo",
  in_progress: "In Progress",
  code_review: "Code Review",
  qa: "QA",
  done: "Done",
};
