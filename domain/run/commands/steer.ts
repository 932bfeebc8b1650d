import { isFinal } from "../../../contracts/run.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { cancelCause, isCancelling, mayBeWriting } from "../cancelling.ts";
import { applyEvent } from "../fold.ts";
import { stageOf } from "../machine.ts";
import { move } from "../move.ts";
import { runLimitReached } from "../next.ts";
import { refuse, type Decide } from "./command.ts";

/**
 * Ends the run. `conflict` when it has ended; the refusal is recorded. While a write may be under way the run ends only after it has recorded
 * what was written.
 */
export const cancel: Decide<"cancel"> = (view, _command, actor) => {
  if (isCancelling(view)) return refuse("conflict", "The run is being cancelled already.");
  if (mayBeWriting(view)) return { ok: true, events: [{ type: "run.cancel_requested", data: { by: actor } }] };
  const next = move(view, "cancelled", cancelCause(view, actor.name));
  if (next.ok) return { ok: true, events: [next.event] };
  return { ...refuse("conflict", `The run can't be cancelled: ${next.reason}.`), events: [next.event] };
};

/** Stops the run after the step that is under way was ended; resume continues from the journal. */
export const pause: Decide<"pause"> = (view, _command, actor) => {
  if (isFinal(view.state)) return refuse("conflict", `The run has ended (${view.state}).`);
  if (view.paused) return refuse("conflict", "The run is paused already.");
  return { ok: true, events: [{ type: "run.paused", data: { by: actor } }] };
};

/**
 * Goes on where the run stopped to ask. An open question has to be answered first, and a limit on the whole run that is reached
 * has to be raised: a stage would stop again at once. A stage that used up its own turns or time begins another attempt.
 */
export const resume: Decide<"resume"> = (view, _command, actor, nowMs) => {
  if (isCancelling(view)) return refuse("run_not_waiting", "The run is being cancelled.");
  if (view.paused && !isFinal(view.state)) return { ok: true, events: [{ type: "run.unpaused", data: { by: actor } }] };
  if (view.question !== undefined && view.question.answer === undefined && view.state === "NEEDS_HUMAN")
    return refuse("run_not_waiting", "The agent asks a question: answer it, and the run goes on.");
  const stage = view.state === "NEEDS_HUMAN" && view.returnTo !== undefined ? stageOf(view.returnTo) : undefined;
  const reached = stage === undefined || stage === "tester" ? undefined : runLimitReached(view, nowMs);
  if (reached !== undefined) return refuse("run_not_waiting", reached);
  const next = move(view, "resumed", `Resumed by ${actor.name}.`);
  if (!next.ok) return refuse("run_not_waiting", `The run can't be resumed: ${next.reason}.`);
  return { ok: true, events: [next.event], facts: { step_failures: null } };
};

/** Gives the agent the answer that it waits for, and resumes the run. The first answer counts. */
export const answer: Decide<"answer"> = (view, { text }, actor) => {
  const { question } = view;
  if (question === undefined || question.answer !== undefined || view.state !== "NEEDS_HUMAN")
    return refuse("run_not_waiting", "The agent waits for no answer.");
  const answered: NewRunEvent = {
    type: "question.answered",
    data: { callId: question.callId, answer: text, by: actor },
  };
  const next = move(applyEvent(view, { ...answered, atMs: 0 }), "resumed", `Answered by ${actor.name}.`);
  if (!next.ok) return refuse("run_not_waiting", `The run can't go on: ${next.reason}.`);
  return { ok: true, events: [answered, next.event] };
};

/** Sets what the run may use up; an absent limit stays as it is. Raising one does not resume by itself. */
export const setLimits: Decide<"set_limits"> = (view, { limits }, actor) => {
  if (isFinal(view.state)) return refuse("conflict", `The run has ended (${view.state}).`);
  const {
    costMicros = view.limits.costMicros,
    stageTurns = view.limits.stageTurns,
    stageWallTimeMs = view.limits.stageWallTimeMs,
    wallTimeMs = view.limits.wallTimeMs,
  } = limits;
  const data = { costMicros, wallTimeMs, stageTurns, stageWallTimeMs, by: actor };
  return { ok: true, events: [{ type: "limits.set", data }] };
};
