import type { NewRunEvent, RunEventData } from "../../contracts/run-events.ts";
import { isFinal } from "../../contracts/run-names.ts";
import { utcDay } from "../budget/calendar.ts";
import { agreeToNews, applyLaneEvent } from "./lane-fold.ts";
import { isSendBack, stageOf } from "./machine.ts";
import { authorState } from "./table.ts";
import { passedOverReason } from "./unread.ts";
import { emptyView, type RunView } from "./view.ts";

export { emptyView, isWaiting, type OpenToolCall, type RunView } from "./view.ts";

/** An event as the fold needs it: its time and its payload; the number doesn't matter. */
export type FoldEvent = NewRunEvent & { readonly atMs: number };

/** The view after one more event. Pure, and total over event types: an event it doesn't need leaves the view as it is. */
export function applyEvent(view: RunView, event: FoldEvent): RunView {
  switch (event.type) {
    case "run.state_changed":
      return applyState(view, event.data, event.atMs);
    case "run.cancel_requested":
      return { ...view, cancelledBy: event.data.by };
    case "run.paused":
      return { ...view, paused: true };
    case "run.unpaused":
      return { ...view, paused: false, stageClockAtMs: event.atMs };
    case "limits.set": {
      const { by: _by, ...limits } = event.data;
      return { ...view, limits, turnsAtLimits: view.turns, budgetWarned: false };
    }
    case "budget.warned":
      return { ...view, budgetWarned: true };
    case "artifact.created":
      return { ...view, artifacts: { ...view.artifacts, [event.data.kind]: event.data } };
    case "review.submitted":
      return { ...view, review: event.data };
    case "proposal.made":
      return { ...view, proposal: event.data, planRevision: undefined, approval: undefined, writes: {} };
    case "plan.revised":
      return { ...view, planRevision: event.data };
    case "prompt.resolved":
      return { ...view, prompts: { ...view.prompts, [`${event.data.stage}#${event.data.attempt}`]: event.data.parts } };
    default:
      return applyLaneEvent(applyConversationEvent(applyStageEvent(view, event), event), event);
  }
}

/** Events of a stage and its turns. */
function applyStageEvent(view: RunView, event: FoldEvent): RunView {
  switch (event.type) {
    case "stage.started":
      return {
        ...view,
        stage: event.data.stage,
        stageAttempt: event.data.attempt,
        stageStarted: true,
        stageStartedAtMs: event.atMs,
        stageClockAtMs: event.atMs,
        turnsAtLimits: 0,
        firstStageAtMs: view.firstStageAtMs ?? event.atMs,
        turns: 0,
        turnOpen: undefined,
        turnAttempts: 0,
        turnFailures: 0,
        retryAtMs: null,
        invalidReports: 0,
        idleTurns: 0,
        cutTurns: 0,
        refusedTurns: 0,
        openToolCalls: [],
      };
    case "stage.finished":
      return {
        ...view,
        stageStarted: false,
        turnOpen: undefined,
        openToolCalls: [],
        question: undefined,
        report: event.data.stage === "coder" ? (event.data.report ?? view.report) : view.report,
      };
    case "turn.started":
      return {
        ...view,
        turnOpen: { turn: event.data.turn, attempt: event.data.attempt },
        turnAttempts: event.data.attempt,
        retryAtMs: null,
      };
    case "turn.failed":
      return {
        ...view,
        turnOpen: undefined,
        turnFailures: view.turnFailures + 1,
        lastTurnError: event.data.message,
        retryAtMs: event.data.retryAtMs,
      };
    case "turn.finished":
      return applyTurn(view, event.data, event.atMs);
    case "call.cut":
      return spend(view, event.data, event.atMs);
    case "tool.started":
      return {
        ...view,
        openToolCalls: view.openToolCalls.map((call) =>
          call.callId === event.data.callId ? { ...call, started: true } : call,
        ),
      };
    case "tool.finished":
      return {
        ...view,
        openToolCalls: view.openToolCalls.filter((call) => call.callId !== event.data.callId),
        invalidReports: view.invalidReports + (event.data.invalidReport ? 1 : 0),
        question: view.question?.callId === event.data.callId ? undefined : view.question,
      };
    case "context.compacted":
      return event.data.call === null
        ? view
        : { ...spend(view, event.data.call, event.atMs), turnFailures: 0, retryAtMs: null };
    default:
      return view;
  }
}

/** Messages to the agent and its questions. */
function applyConversationEvent(view: RunView, event: FoldEvent): RunView {
  switch (event.type) {
    case "message.queued":
      return { ...view, queue: [...view.queue, event.data] };
    case "message.edited":
      return {
        ...view,
        queue: view.queue.map((message) =>
          message.messageId === event.data.messageId ? { ...message, text: event.data.text } : message,
        ),
      };
    case "message.removed":
    case "message.delivered":
      return { ...view, queue: view.queue.filter((message) => message.messageId !== event.data.messageId) };
    case "question.asked":
      return { ...view, question: { callId: event.data.callId, question: event.data.question, answer: undefined } };
    case "question.answered":
      return view.question?.callId === event.data.callId
        ? { ...view, question: { ...view.question, answer: event.data.answer } }
        : view;
    default:
      return view;
  }
}

/** The view after all these events. */
export function fold(events: Iterable<FoldEvent>): RunView {
  let view = emptyView;
  for (const event of events) view = applyEvent(view, event);
  return view;
}

/** The code of the fold, by which a stored view is recognised as made by this fold. All functions of this file, but `fold` itself. */
export const foldSources: readonly string[] = [
  applyEvent,
  applyStageEvent,
  applyConversationEvent,
  applyState,
  passOver,
  applyTurn,
  spend,
].map(String);

function applyState(view: RunView, change: RunEventData<"run.state_changed">, atMs: number): RunView {
  const cause = change.trigger;
  const sendBacks = isSendBack(cause) ? { ...view.sendBacks, [cause]: view.sendBacks[cause] + 1 } : view.sendBacks;
  // The same tests on the same work would fail again: after those the author gets the work back.
  const stoppedAt = cause === "tests_given_up" ? authorState(view.mode) : change.from;
  const returnTo = change.to === "NEEDS_HUMAN" ? stoppedAt : view.returnTo;
  const entered = stageOf(change.to);
  const resumed = change.from === "NEEDS_HUMAN";
  return {
    ...passOver(view, change.to),
    state: change.to,
    cause: change.cause,
    endedAtMs: isFinal(change.to) ? atMs : null,
    returnTo,
    sendBacks,
    lanes: resumed ? view.lanes.map(agreeToNews) : view.lanes,
    stage: isFinal(change.to) ? undefined : (entered ?? (change.to === "NEEDS_HUMAN" ? view.stage : undefined)),
    // Resuming begins a new attempt of the stage, with a full allowance of turns; a question is answered within its attempt.
    stageStarted: view.question !== undefined && (change.to === "NEEDS_HUMAN" || resumed) ? view.stageStarted : false,
    stageClockAtMs: resumed ? atMs : view.stageClockAtMs,
    turnFailures: resumed ? 0 : view.turnFailures,
    idleTurns: resumed ? 0 : view.idleTurns,
    cutTurns: resumed ? 0 : view.cutTurns,
    refusedTurns: resumed ? 0 : view.refusedTurns,
    retryAtMs: null,
  };
}

/** The view with its waiting messages as ones that no agent reads any more, where the state says so. */
function passOver(view: RunView, to: RunView["state"]): RunView {
  const reason = passedOverReason(to);
  if (reason === undefined || view.queue.length === 0) return view;
  const passed = view.queue.map((message) => ({ ...message, reason }));
  return { ...view, queue: [], passedOver: [...view.passedOver, ...passed] };
}

function applyTurn(view: RunView, turn: RunEventData<"turn.finished">, atMs: number): RunView {
  const isCut = turn.stopReason === "max_tokens";
  const isRefused = turn.stopReason === "refusal";
  return {
    ...spend(view, turn, atMs),
    turns: view.turns + 1,
    totalTurns: view.totalTurns + 1,
    turnOpen: undefined,
    turnAttempts: 0,
    turnFailures: 0,
    retryAtMs: null,
    lastStopReason: turn.stopReason,
    idleTurns: turn.toolCalls.length > 0 ? 0 : isCut || isRefused ? view.idleTurns : view.idleTurns + 1,
    cutTurns: isCut ? view.cutTurns + 1 : 0,
    refusedTurns: isRefused ? view.refusedTurns + 1 : 0,
    refusal: isRefused ? turn.stopDetail : undefined,
    openToolCalls: turn.toolCalls.map((call) => ({ ...call, started: false })),
    turnToolCalls: turn.toolCalls.length,
  };
}

/** One unknown cost makes the sum unknown: it is never taken for zero. */
function spend(
  view: RunView,
  call: Pick<RunEventData<"turn.finished">, "usage" | "costMicros">,
  atMs: number,
): RunView {
  const { costMicros, usage } = call;
  const day = utcDay(atMs);
  const spent = view.spendByDay[day] ?? { micros: 0, unpricedCalls: 0 };
  return {
    ...view,
    costMicros: view.costMicros === null || costMicros === null ? null : view.costMicros + costMicros,
    spendByDay: {
      ...view.spendByDay,
      [day]:
        costMicros === null
          ? { ...spent, unpricedCalls: spent.unpricedCalls + 1 }
          : { ...spent, micros: spent.micros + costMicros },
    },
    inputTokens:
      view.inputTokens + (usage.inputTokens ?? 0) + (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0),
    outputTokens: view.outputTokens + (usage.outputTokens ?? 0),
  };
}
