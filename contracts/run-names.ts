/*
 * Names and figures of runs without a validator beside them, so that pages can use them without loading one. Schemas: run.ts.
 */
export const runModes = ["plan", "implement", "bugfix", "review", "feature"] as const;
export type RunMode = (typeof runModes)[number];

/** Modes that can be started today; the others are refused at the door. */
export const startableModes = ["plan", "implement", "bugfix", "review", "feature"] as const;

export const runStates = [
  "QUEUED",
  "TRIAGING",
  "ARCHITECTING",
  "PLANNING",
  "CODING",
  "REVIEWING",
  "TESTING",
  "PATCHES_PROPOSED",
  "BLOCKED_POLICY",
  "WAITING_APPROVAL",
  "APPLYING",
  "PR_OPEN",
  "VERIFYING_CI",
  "DONE",
  "DECLINED",
  "DEFERRED",
  "NEEDS_HUMAN",
  "CANCELLED",
  "FAILED",
] as const;
export type RunState = (typeof runStates)[number];

export const finalStates = ["DONE", "DECLINED", "DEFERRED", "CANCELLED", "FAILED"] as const;

/** True when nothing more can happen to a run in this state. */
export function isFinal(state: RunState): boolean {
  return (finalStates as readonly RunState[]).includes(state);
}

export const stages = ["triage", "architect", "planner", "coder", "reviewer", "tester"] as const;
export type Stage = (typeof stages)[number];

export const gateIds = ["G0", "G1", "G2", "G3", "G4", "G5"] as const;
export type GateId = (typeof gateIds)[number];

/**
 * The ways to deliver the approved patch sets of a run over several repositories. `all_or_none`: a rejected one ends the run.
 * `lane_by_lane`: a rejected one leaves the run and the others continue. Nothing is written before each has been decided.
 */
export const deliveries = ["all_or_none", "lane_by_lane"] as const;
export type Delivery = (typeof deliveries)[number];

export const efforts = ["low", "medium", "high"] as const;

/** The largest prompt, in characters. Longer ones are refused with the figure in the message. */
export const maxPromptCharacters = 100_000;

/** Turns of one attempt of a stage, unless a limit was set. */
export const defaultStageTurns = 50;
export const maxStageTurns = 200;

/** Tools that a run may be limited to. Those that end a stage, ask a person or read on in an output are always there. */
export const constrainableTools = [
  "read_file",
  "list_files",
  "grep",
  "edit_file",
  "write_file",
  "shell",
  "git_diff",
  "git_log",
  "run_tests",
] as const;
