import { defaultStageTurns, isFinal } from "../../contracts/run.ts";
import { dollars } from "../budget/dollars.ts";
import { cutCause } from "../budget/output-limit.ts";
import { isCancelling } from "./cancelling.ts";
import { closingLane } from "./closing.ts";
import { isWaiting, type OpenToolCall, type RunView } from "./fold.ts";
import { stageOf } from "./machine.ts";
import { modes } from "./modes.ts";
import { nextWrite, type NextWrite } from "./writes.ts";

/** The number of turns before the last one at which the model is asked to finish: of 50 turns, at the 45th. */
const windDownTurns = 5;
/** Turns in a row without a tool call before the stage gives up. */
export const maxIdleTurns = 3;
/** Answers in a row that are cut at the output limit before the stage gives up: each limit is twice the one before. */
export const maxCutTurns = 3;
/** Answers in a row that the vendor refuses before a person is asked: the first is asked for again. */
export const maxRefusedTurns = 2;
/** Reports of a stage that may fail their schema: the model gets the error of the first, and at the second the stage fails. */
export const maxInvalidReports = 2;
/** Failed model calls in a row before a person is asked: an overload of 20 minutes is outlasted. */
export const maxTurnFailures = 14;

/** The one thing to do next. Always derivable from the view, so that a run resumes after any crash. */
export type Step =
  | { readonly kind: "start" }
  | { readonly kind: "begin_stage" }
  | {
      readonly kind: "turn";
      readonly turn: number;
      readonly attempt: number;
      /** Turns that are left, this one included, when the model is to be warned. */ readonly windDown:
        | number
        | undefined;
    }
  | { readonly kind: "tool"; readonly call: OpenToolCall }
  | { readonly kind: "test" }
  | { readonly kind: "propose" }
  | ({ readonly kind: "write" } & NextWrite)
  | { readonly kind: "end_delivery" }
  | { readonly kind: "end_cancelled" }
  | { readonly kind: "close_pull_request" | "delete_branch"; readonly repositoryId: string }
  | { readonly kind: "create_tickets" }
  | { readonly kind: "post_review" }
  | { readonly kind: "watch_ci" }
  | { readonly kind: "check_ci" }
  | { readonly kind: "wait"; readonly untilMs: number | undefined }
  | { readonly kind: "give_up"; readonly reason: string };

/** Decides the next step from the view and the present time in UTC milliseconds. */
export function nextStep(view: RunView, nowMs: number): Step {
  const closing = closingLane(view);
  if (closing !== undefined)
    return { kind: closing.deleting === undefined ? "close_pull_request" : "delete_branch", repositoryId: closing.id };
  if (isCancelling(view)) return { kind: "end_cancelled" };
  if (view.created === undefined || view.paused || isFinal(view.state) || isWaiting(view.state))
    return { kind: "wait", untilMs: undefined };
  if (view.state === "QUEUED") return { kind: "start" };
  const stage = stageOf(view.state);
  if (stage !== undefined) return stageStep(view, nowMs);
  switch (view.state) {
    case "PATCHES_PROPOSED":
      return { kind: "propose" };
    case "APPLYING": {
      const { apply } = modes[view.mode];
      return apply === "write_patch_set" ? writeStep(view) : { kind: apply };
    }
    case "PR_OPEN":
      return { kind: "watch_ci" };
    case "VERIFYING_CI":
      return { kind: "check_ci" };
    default:
      return { kind: "wait", untilMs: undefined };
  }
}

function stageStep(view: RunView, nowMs: number): Step {
  if (!view.stageStarted) return { kind: "begin_stage" };
  if (view.state === "TESTING") return { kind: "test" };
  const call = view.openToolCalls[0];
  if (call !== undefined) return { kind: "tool", call };
  const spent = limitReached(view, nowMs);
  if (spent !== undefined) return { kind: "give_up", reason: spent };
  if (view.turnFailures >= maxTurnFailures)
    return {
      kind: "give_up",
      reason: `The model did not answer ${maxTurnFailures} times in a row. The last time: ${view.lastTurnError ?? "no reason was given."}`,
    };
  if (view.retryAtMs !== null && view.retryAtMs > nowMs) return { kind: "wait", untilMs: view.retryAtMs };
  if (view.invalidReports >= maxInvalidReports)
    return {
      kind: "give_up",
      reason: `The ${stageOf(view.state) ?? "stage"} submitted a report that did not fit its schema, ${maxInvalidReports} times. Resume to let it try again.`,
    };
  if (view.idleTurns >= maxIdleTurns)
    return {
      kind: "give_up",
      reason: `The agent stopped using its tools without finishing (${maxIdleTurns} turns in a row).`,
    };
  if (view.cutTurns >= maxCutTurns) return { kind: "give_up", reason: cutCause(view.cutTurns) };
  if (view.refusedTurns >= maxRefusedTurns) return { kind: "give_up", reason: refusalCause(view) };
  return {
    kind: "turn",
    turn: view.turns + 1,
    attempt: view.turnAttempts + 1,
    windDown: windDown(view),
  };
}

function refusalCause({ refusal, refusedTurns }: RunView): string {
  const said = refusal === undefined ? "It gave no reason." : `Its reason: ${refusal}`;
  return `The model's provider refused to answer, ${refusedTurns} times in a row. ${said}${/[.!?]$/u.test(said) ? "" : "."} Nothing of those answers was run or kept; the work so far was. Say in a message what is meant, or start a run with another model; then resume.`;
}

/** The next write, or the end of the delivery where a crash came between the last write and the run's move. */
function writeStep(view: RunView): Step {
  const next = nextWrite(view);
  return next === undefined ? { kind: "end_delivery" } : { kind: "write", ...next };
}

/** The most turns that one attempt of a stage may take. */
export function stageTurnsOf(view: RunView): number {
  return view.limits.stageTurns ?? defaultStageTurns;
}

/** The turns left, when the model must be warned: once an attempt, five turns before the last or as soon as a lowered limit is nearer. */
function windDown(view: RunView): number | undefined {
  const limit = stageTurnsOf(view);
  const at = Math.max(1, limit - windDownTurns, view.turnsAtLimits + 1);
  return view.turns + 1 === at ? limit - view.turns : undefined;
}

/**
 * Why no further model call may be made, or undefined. Looked at before every call, one call at a time, so that a run
 * overspends by at most the call under way. An unknown cost counts as over any limit that is set: it can't be shown to be under.
 */
export function limitReached(view: RunView, nowMs: number): string | undefined {
  const stop = runLimitReached(view, nowMs);
  if (stop !== undefined || !view.stageStarted) return stop;
  const { stageWallTimeMs } = view.limits;
  const turns = stageTurnsOf(view);
  if (view.turns >= turns)
    return `The ${view.stage} used all of its ${turns} turns without finishing. Resume gives it ${turns} more; raise the limit for more than that.`;
  if (stageWallTimeMs !== null && nowMs - view.stageClockAtMs >= stageWallTimeMs)
    return `The ${view.stage}'s time of ${duration(stageWallTimeMs)} is used up. Resume gives it as much again; raise the limit for more than that.`;
  return undefined;
}

/**
 * The limit on the whole run that is reached, or undefined. Unlike a stage's, these stay reached after a resume: only
 * raising them helps.
 */
export function runLimitReached(view: RunView, nowMs: number): string | undefined {
  const { costMicros, wallTimeMs } = view.limits;
  if (costMicros !== null && view.costMicros === null)
    return "The cost of a model call is not known, so the budget can't be kept. Lift the budget to go on.";
  if (costMicros !== null && (view.costMicros ?? 0) >= costMicros)
    return `The run's budget of ${dollars(costMicros)} is used up. Raise it to go on.`;
  if (wallTimeMs !== null && view.firstStageAtMs !== undefined && nowMs - view.firstStageAtMs >= wallTimeMs)
    return `The run's time of ${duration(wallTimeMs)} is used up. Raise it to go on.`;
  return undefined;
}

/** True when four fifths of the budget are spent. */
export function nearsBudget(view: RunView): boolean {
  const { costMicros } = view.limits;
  return costMicros !== null && costMicros > 0 && (view.costMicros ?? 0) >= costMicros * 0.8;
}

function duration(ms: number): string {
  const minutes = ms / 60_000;
  return Number.isInteger(minutes) && minutes > 0 ? `${minutes} min` : `${Math.round(ms / 1000)} s`;
}
