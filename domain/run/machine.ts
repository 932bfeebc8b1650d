import { isFinal, type RunMode, type RunState, type Stage } from "../../contracts/run.ts";

/** What can happen to a run. Only people, policy, gates and the forge cause these; model output never does. */
export type Trigger =
  | "started"
  | "stage_passed"
  | "sent_back"
  | "tests_failed"
  | "tests_given_up"
  | "declined"
  | "deferred"
  | "policy_passed"
  | "policy_blocked"
  | "approved"
  | "changes_requested"
  | "rejected"
  | "pull_request_opened"
  | "plan_applied"
  | "review_posted"
  | "pull_request_moved"
  | "ci_watched"
  | "ci_passed"
  | "ci_failed"
  | "human_needed"
  | "resumed"
  | "cancelled"
  | "failed";

/** The stages that each mode walks, in order. */
export const modeStages: Readonly<Record<RunMode, readonly Stage[]>> = {
  plan: ["planner"],
  implement: ["coder", "reviewer", "tester"],
  bugfix: ["coder", "reviewer", "tester"],
  review: ["reviewer"],
  feature: ["triage", "architect", "planner", "coder", "reviewer", "tester"],
};

/** The state in which a stage works. */
export const stageState: Readonly<Record<Stage, RunState>> = {
  triage: "TRIAGING",
  architect: "ARCHITECTING",
  planner: "PLANNING",
  coder: "CODING",
  reviewer: "REVIEWING",
  tester: "TESTING",
};

/** The stage that works in a state, if one does. */
export function stageOf(state: RunState): Stage | undefined {
  return (Object.keys(stageState) as Stage[]).find((stage) => stageState[stage] === state);
}

/** How often work may go back to the coder, by cause. */
export const maxSendBacks = { sent_back: 1, tests_failed: 2, changes_requested: 20 } as const;

/** What the machine needs to know besides the state. */
export interface MachineContext {
  readonly mode: RunMode;
  readonly state: RunState;
  /** Where NEEDS_HUMAN came from, so that resuming leads back. */
  readonly returnTo: RunState | undefined;
  readonly sendBacks: Readonly<Record<keyof typeof maxSendBacks, number>>;
}

export type Transition = { readonly ok: true; readonly to: RunState } | { readonly ok: false; readonly reason: string };

/** Moves that don't depend on the mode. A stage's own moves are in `stageMove`. */
const fixedMoves: Partial<Record<RunState, Partial<Record<Trigger, RunState>>>> = {
  PATCHES_PROPOSED: { policy_passed: "WAITING_APPROVAL", policy_blocked: "BLOCKED_POLICY" },
  BLOCKED_POLICY: { changes_requested: "CODING", rejected: "FAILED" },
  WAITING_APPROVAL: { approved: "APPLYING", changes_requested: "CODING", rejected: "FAILED" },
  APPLYING: {
    pull_request_opened: "PR_OPEN",
    plan_applied: "DONE",
    review_posted: "DONE",
    // What was approved speaks of other lines: the reviewer looks at the new ones, and a person is asked again.
    pull_request_moved: "REVIEWING",
  },
  PR_OPEN: { ci_watched: "VERIFYING_CI" },
  VERIFYING_CI: { ci_passed: "DONE", ci_failed: "NEEDS_HUMAN" },
};

/**
 * Where a trigger leads, or why it is refused. Total: every state and trigger has an answer. `cancelled`, `failed` and
 * `human_needed` are possible in every state that is not final.
 */
export function transition(context: MachineContext, trigger: Trigger): Transition {
  const { state } = context;
  if (isFinal(state)) return { ok: false, reason: `the run has ended (${state})` };
  if (trigger === "cancelled") return { ok: true, to: "CANCELLED" };
  if (trigger === "failed") return { ok: true, to: "FAILED" };
  if (state === "NEEDS_HUMAN") {
    if (trigger !== "resumed") return { ok: false, reason: "the run waits for a person to resume it" };
    return context.returnTo === undefined
      ? { ok: false, reason: "there is nothing to resume" }
      : { ok: true, to: context.returnTo };
  }
  if (trigger === "human_needed") return { ok: true, to: "NEEDS_HUMAN" };
  if (state === "QUEUED" && trigger === "started") return { ok: true, to: nextStageState(context.mode, undefined) };
  const stage = stageOf(state);
  const product = writeOf[trigger];
  if (product !== undefined && product !== productOf(context.mode))
    return { ok: false, reason: `${context.mode} writes a ${productOf(context.mode)}, not a ${product}` };
  const fixed = fixedMoves[state]?.[trigger];
  const to =
    stage !== undefined
      ? stageMove(context, stage, trigger)
      : trigger === "changes_requested" && fixed !== undefined
        ? authorState(context.mode)
        : fixed;
  if (to === undefined) return { ok: false, reason: `${trigger} can't happen in ${state}` };
  if (isSendBack(trigger)) {
    const cause = trigger;
    if (context.sendBacks[cause] >= maxSendBacks[cause])
      return { ok: false, reason: `the work went back ${maxSendBacks[cause]} times already` };
  }
  return { ok: true, to };
}

function isSendBack(trigger: Trigger): trigger is keyof typeof maxSendBacks {
  return trigger in maxSendBacks;
}

/** What a mode makes for approval: tickets, a review of a pull request, or a patch set for a pull request of its own. */
export function productOf(mode: RunMode): "plan" | "review" | "patch set" {
  return mode === "plan" || mode === "review" ? mode : "patch set";
}

/** Triggers that tell of one kind of write alone. */
const writeOf: Partial<Record<Trigger, ReturnType<typeof productOf>>> = {
  plan_applied: "plan",
  review_posted: "review",
  pull_request_moved: "review",
  pull_request_opened: "patch set",
};

/** The stage that a person's request for changes goes back to: who makes what is proposed. */
export function authorStage(mode: RunMode): "planner" | "reviewer" | "coder" {
  if (mode === "plan") return "planner";
  return mode === "review" ? "reviewer" : "coder";
}

/** The state in which that stage works. */
export function authorState(mode: RunMode): RunState {
  return stageState[authorStage(mode)];
}

function stageMove(context: MachineContext, stage: Stage, trigger: Trigger): RunState | undefined {
  if (trigger === "stage_passed") return nextStageState(context.mode, stage);
  if (trigger === "declined" && (stage === "coder" || stage === "triage" || stage === "planner")) return "DECLINED";
  if (trigger === "deferred" && stage === "triage") return "DEFERRED";
  const mayReturn = modeStages[context.mode].includes("coder");
  if (trigger === "sent_back" && stage === "reviewer" && mayReturn) return "CODING";
  if (trigger === "tests_failed" && stage === "tester" && mayReturn) return "CODING";
  if (trigger === "tests_given_up" && stage === "tester") return "NEEDS_HUMAN";
  return undefined;
}

function nextStageState(mode: RunMode, after: Stage | undefined): RunState {
  const walk = modeStages[mode];
  const next = walk[after === undefined ? 0 : walk.indexOf(after) + 1];
  if (next !== undefined) return stageState[next];
  return productOf(mode) === "patch set" ? "PATCHES_PROPOSED" : "WAITING_APPROVAL";
}
