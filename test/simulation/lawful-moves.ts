import type { RunMode, RunState } from "../../contracts/run.ts";

/**
 * The moves that the product's description allows, written down a second time, apart from the machine: `FROM trigger TO`.
 * A stage that ends, work that goes back, what people and CI decide.
 */
const common = [
  "BLOCKED_POLICY changes_requested CODING",
  "BLOCKED_POLICY rejected FAILED",
  "BLOCKED_POLICY policy_passed WAITING_APPROVAL",
  "BLOCKED_POLICY repositories_changed PATCHES_PROPOSED",
  "WAITING_APPROVAL repositories_changed PATCHES_PROPOSED",
  "WAITING_APPROVAL approved APPLYING",
  "WAITING_APPROVAL changes_requested CODING",
  "WAITING_APPROVAL rejected FAILED",
  "PATCHES_PROPOSED policy_passed WAITING_APPROVAL",
  "PATCHES_PROPOSED policy_blocked BLOCKED_POLICY",
  "APPLYING pull_request_opened PR_OPEN",
  "PR_OPEN ci_watched VERIFYING_CI",
  "VERIFYING_CI ci_passed DONE",
  "VERIFYING_CI ci_failed CODING",
  "VERIFYING_CI ci_given_up NEEDS_HUMAN",
  "CODING stage_passed REVIEWING",
  "CODING declined DECLINED",
  "REVIEWING stage_passed TESTING",
  "REVIEWING sent_back CODING",
  "TESTING stage_passed PATCHES_PROPOSED",
  "TESTING tests_failed CODING",
  "TESTING tests_given_up NEEDS_HUMAN",
];

/** A run over several repositories whose choice is open begins with triage. */
const chosenFirst = ["QUEUED choice_needed TRIAGING", "TRIAGING declined DECLINED", "TRIAGING deferred DEFERRED"];

const lawful: Readonly<Record<RunMode, ReadonlySet<string>>> = {
  plan: new Set([
    ...chosenFirst,
    "TRIAGING stage_passed PLANNING",
    "QUEUED started PLANNING",
    "PLANNING stage_passed WAITING_APPROVAL",
    "WAITING_APPROVAL approved APPLYING",
    "WAITING_APPROVAL changes_requested PLANNING",
    "WAITING_APPROVAL rejected FAILED",
    "APPLYING plan_applied DONE",
  ]),
  implement: new Set([...common, ...chosenFirst, "TRIAGING stage_passed CODING", "QUEUED started CODING"]),
  bugfix: new Set([...common, ...chosenFirst, "TRIAGING stage_passed CODING", "QUEUED started CODING"]),
  review: new Set([
    "QUEUED started REVIEWING",
    "REVIEWING stage_passed WAITING_APPROVAL",
    "WAITING_APPROVAL approved APPLYING",
    "WAITING_APPROVAL changes_requested REVIEWING",
    "WAITING_APPROVAL rejected FAILED",
    "APPLYING review_posted DONE",
    "APPLYING pull_request_moved REVIEWING",
  ]),
  feature: new Set([
    ...common,
    ...chosenFirst,
    "QUEUED started TRIAGING",
    "TRIAGING stage_passed ARCHITECTING",
    "ARCHITECTING stage_passed PLANNING",
    "PLANNING stage_passed CODING",
  ]),
};

const final: ReadonlySet<RunState> = new Set(["DONE", "DECLINED", "DEFERRED", "CANCELLED", "FAILED"]);

/** Whether a run has ended; written down apart from the contracts. */
export function hasEnded(state: RunState): boolean {
  return final.has(state);
}

/** Whether a run of this mode may make this move; `returnTo` is where it last stopped to ask a person. */
export function isLawful(
  mode: RunMode,
  from: RunState,
  trigger: string,
  to: RunState,
  returnTo: RunState | undefined,
): boolean {
  if (hasEnded(from)) return false;
  if (trigger === "cancelled") return to === "CANCELLED";
  if (trigger === "failed") return to === "FAILED";
  if (from === "NEEDS_HUMAN") return trigger === "resumed" && to === returnTo;
  if (trigger === "human_needed") return to === "NEEDS_HUMAN";
  return lawful[mode].has(`${from} ${trigger} ${to}`);
}

interface ModeLaw {
  /** The state in which the product is made: a person's request for changes leads back to it. */
  readonly madeIn: RunState;
  /** The product that a person approves. */
  readonly product: "patch_sets" | "plan" | "review";
  /** Whether a test must fail without the change. */
  readonly provesABug: boolean;
  /** Whether the coder works through a plan's tasks. */
  readonly hasTasks: boolean;
}

const coded = { madeIn: "CODING", product: "patch_sets", provesABug: false, hasTasks: false } as const;

/** The modes a second time, apart from the product's own table, so that a mistake in that table is found. */
export const modeLaws: Readonly<Record<RunMode, ModeLaw>> = {
  plan: { madeIn: "PLANNING", product: "plan", provesABug: false, hasTasks: false },
  review: { madeIn: "REVIEWING", product: "review", provesABug: false, hasTasks: false },
  implement: coded,
  bugfix: { ...coded, provesABug: true },
  feature: { ...coded, hasTasks: true },
};

/** Whether runs of a mode end in patch sets. */
export function makesPatchSets(mode: RunMode): boolean {
  return modeLaws[mode].product === "patch_sets";
}

/** The most times that work may be sent back, by itself or by a person. */
export const mostSendBacks: Readonly<Record<string, number>> = {
  sent_back: 1,
  tests_failed: 2,
  changes_requested: 20,
  ci_failed: 2,
};

/** The stage that works in a state. */
export const workingStage: Readonly<Partial<Record<RunState, string>>> = {
  TRIAGING: "triage",
  ARCHITECTING: "architect",
  PLANNING: "planner",
  CODING: "coder",
  REVIEWING: "reviewer",
  TESTING: "tester",
};
