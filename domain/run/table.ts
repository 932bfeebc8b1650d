import type { RunMode, RunState, Stage } from "../../contracts/run.ts";
import { hasStage, modes, type Mode } from "./modes.ts";

/** The causes of moves. Only people, policy, gates and the forge cause these; model output never does. */
export type Trigger =
  | "started"
  | "choice_needed"
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
  | "repositories_changed"
  | "rejected"
  | "pull_request_opened"
  | "plan_applied"
  | "review_posted"
  | "pull_request_moved"
  | "ci_watched"
  | "ci_passed"
  | "ci_failed"
  | "ci_given_up"
  | "human_needed"
  | "resumed"
  | "cancelled"
  | "failed";

/** One row of the state machine. */
export interface Move {
  readonly from: RunState;
  readonly trigger: Trigger;
  readonly to: RunState;
}

/** The state in which a stage works. */
export const stageState: Readonly<Record<Stage, RunState>> = {
  triage: "TRIAGING",
  architect: "ARCHITECTING",
  planner: "PLANNING",
  coder: "CODING",
  reviewer: "REVIEWING",
  tester: "TESTING",
};

/** The most times that work may go back to its author, by cause. */
export const maxSendBacks = { sent_back: 1, tests_failed: 2, changes_requested: 20, ci_failed: 2 } as const;

/** The ends of a stage other than passing. Rows that lead to CODING count only where a mode has a coder. */
const stageEnds: Readonly<Record<Stage, readonly (readonly [Trigger, RunState])[]>> = {
  triage: [
    ["declined", "DECLINED"],
    ["deferred", "DEFERRED"],
  ],
  architect: [],
  planner: [["declined", "DECLINED"]],
  coder: [["declined", "DECLINED"]],
  reviewer: [["sent_back", "CODING"]],
  tester: [
    ["tests_failed", "CODING"],
    ["tests_given_up", "NEEDS_HUMAN"],
  ],
};

const patchSetEnd: readonly Move[] = [
  { from: "PATCHES_PROPOSED", trigger: "policy_passed", to: "WAITING_APPROVAL" },
  { from: "PATCHES_PROPOSED", trigger: "policy_blocked", to: "BLOCKED_POLICY" },
  // The patch sets that policy blocked were left out of the delivery.
  { from: "BLOCKED_POLICY", trigger: "policy_passed", to: "WAITING_APPROVAL" },
  // A repository was left out, so the others' links to its pull request go, and they are proposed again.
  { from: "WAITING_APPROVAL", trigger: "repositories_changed", to: "PATCHES_PROPOSED" },
  { from: "BLOCKED_POLICY", trigger: "repositories_changed", to: "PATCHES_PROPOSED" },
  { from: "BLOCKED_POLICY", trigger: "changes_requested", to: "CODING" },
  { from: "BLOCKED_POLICY", trigger: "rejected", to: "FAILED" },
  { from: "APPLYING", trigger: "pull_request_opened", to: "PR_OPEN" },
  { from: "PR_OPEN", trigger: "ci_watched", to: "VERIFYING_CI" },
  { from: "VERIFYING_CI", trigger: "ci_passed", to: "DONE" },
  { from: "VERIFYING_CI", trigger: "ci_failed", to: "CODING" },
  { from: "VERIFYING_CI", trigger: "ci_given_up", to: "NEEDS_HUMAN" },
];
const planEnd: readonly Move[] = [{ from: "APPLYING", trigger: "plan_applied", to: "DONE" }];
const reviewEnd: readonly Move[] = [
  { from: "APPLYING", trigger: "review_posted", to: "DONE" },
  // The approved review speaks of other lines: the reviewer looks at the new ones, and a person is asked again.
  { from: "APPLYING", trigger: "pull_request_moved", to: "REVIEWING" },
];

/** The state that follows the last stage, and the moves around a person's approval, by the product of the mode. */
const endOf: Readonly<Record<Mode["product"], { readonly proposed: RunState; readonly moves: readonly Move[] }>> = {
  patch_set: { proposed: "PATCHES_PROPOSED", moves: patchSetEnd },
  plan: { proposed: "WAITING_APPROVAL", moves: planEnd },
  review: { proposed: "WAITING_APPROVAL", moves: reviewEnd },
};

/** The state that a person's request for changes goes back to: the author's. */
export function authorState(mode: RunMode): RunState {
  return stageState[modes[mode].author];
}

function movesFor(mode: RunMode): readonly Move[] {
  const { product, stages } = modes[mode];
  const end = endOf[product];
  const entered = stages.map((stage) => stageState[stage]);
  const walked = ["QUEUED" as const, ...entered].map((from, index): Move => ({
    from,
    trigger: index === 0 ? "started" : "stage_passed",
    to: entered[index] ?? end.proposed,
  }));
  const ended = stages.flatMap((stage) =>
    stageEnds[stage]
      .filter(([, to]) => to !== "CODING" || hasStage(mode, "coder"))
      .map(([trigger, to]): Move => ({ from: stageState[stage], trigger, to })),
  );
  return [
    ...walked,
    ...choiceMoves(mode),
    ...ended,
    { from: "WAITING_APPROVAL", trigger: "approved", to: "APPLYING" },
    { from: "WAITING_APPROVAL", trigger: "changes_requested", to: authorState(mode) },
    { from: "WAITING_APPROVAL", trigger: "rejected", to: "FAILED" },
    ...end.moves,
  ];
}

/** A run that began with an open choice of repositories goes through triage, whatever its mode walks otherwise. */
function choiceMoves(mode: RunMode): readonly Move[] {
  const [first] = modes[mode].stages;
  if (!modes[mode].request.severalRepositories || first === undefined) return [];
  const asked: Move = { from: "QUEUED", trigger: "choice_needed", to: "TRIAGING" };
  if (first === "triage") return [asked];
  return [
    asked,
    { from: "TRIAGING", trigger: "stage_passed", to: stageState[first] },
    ...stageEnds.triage.map(([trigger, to]): Move => ({ from: "TRIAGING", trigger, to })),
  ];
}

/**
 * The state machine: every move of every mode. Four triggers are possible in each state that is not final and stand in no row:
 * `cancelled`, `failed`, `human_needed` (to NEEDS_HUMAN), and `resumed` from there to where the run came from.
 */
export const moves: Readonly<Record<RunMode, readonly Move[]>> = {
  plan: movesFor("plan"),
  implement: movesFor("implement"),
  bugfix: movesFor("bugfix"),
  review: movesFor("review"),
  feature: movesFor("feature"),
};

/** Triggers of the way on which nothing is found wanting. */
const onward: ReadonlySet<Trigger> = new Set<Trigger>([
  "started",
  "stage_passed",
  "policy_passed",
  "approved",
  "pull_request_opened",
  "plan_applied",
  "review_posted",
  "ci_watched",
  "ci_passed",
]);

/** The states of a mode in the order in which a run passes them when nothing goes wrong, QUEUED to DONE. */
export function walkOf(mode: RunMode): readonly RunState[] {
  const walk: RunState[] = ["QUEUED"];
  for (;;) {
    const next = moves[mode].find(({ from, trigger }) => from === walk.at(-1) && onward.has(trigger));
    if (next === undefined || walk.includes(next.to)) return walk;
    walk.push(next.to);
  }
}
