import { isFinal, maxQueuedMessages, type RunLimits } from "../../../contracts/run.ts";
import type { Approval } from "../../../contracts/patch-set.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { changesRequestedMessage } from "../../../domain/instruction/prompts.ts";
import { applyEvent } from "../../../domain/run/fold.ts";
import { stageOf } from "../../../domain/run/machine.ts";
import { runLimitReached } from "../../../domain/run/next.ts";
import { modes } from "../../../domain/run/modes.ts";
import type { Trigger } from "../../../domain/run/table.ts";
import type { CommandResult, PatchSetDecision } from "../../ports/run-host.ts";
import type { RunJournal } from "./engine/journal.ts";
import { move } from "./engine/move.ts";

/** Ends the run by a person's word. A run that has ended stays as it is, and says so. */
export function cancelRun(journal: RunJournal, by: Approval["by"]): CommandResult {
  const next = move(journal.view(), "cancelled", `Cancelled by ${by.name}.`);
  journal.commit({ events: [next.event] });
  return next.ok
    ? { ok: true }
    : { ok: false, code: "conflict", detail: `The run can't be cancelled: ${next.reason}.` };
}

/**
 * Goes on where the run stopped to ask. An open question has to be answered first, and a limit on the whole run that is reached
 * has to be raised: a stage would stop again at once. A stage that used up its own turns or time begins another attempt.
 */
export function resumeRun(journal: RunJournal, by: Approval["by"], nowMs: number): CommandResult {
  const view = journal.view();
  if (view.paused && !isFinal(view.state)) {
    journal.commit({ events: [{ type: "run.unpaused", data: { by } }] });
    return { ok: true };
  }
  if (view.question !== undefined && view.question.answer === undefined && view.state === "NEEDS_HUMAN") {
    return { ok: false, code: "run_not_waiting", detail: "The agent asks a question: answer it, and the run goes on." };
  }
  const stage = view.state === "NEEDS_HUMAN" && view.returnTo !== undefined ? stageOf(view.returnTo) : undefined;
  const reached = stage === undefined || stage === "tester" ? undefined : runLimitReached(view, nowMs);
  if (reached !== undefined) return { ok: false, code: "run_not_waiting", detail: reached };
  const next = move(view, "resumed", `Resumed by ${by.name}.`);
  if (!next.ok) return { ok: false, code: "run_not_waiting", detail: `The run can't be resumed: ${next.reason}.` };
  journal.commit({ events: [next.event], facts: { step_failures: null } });
  return { ok: true };
}

/** Stops after what is under way was ended; resume goes on from the journal. */
export function pauseRun(journal: RunJournal, by: Approval["by"]): CommandResult {
  const view = journal.view();
  if (isFinal(view.state)) return { ok: false, code: "conflict", detail: `The run has ended (${view.state}).` };
  if (view.paused) return { ok: false, code: "conflict", detail: "The run is paused already." };
  journal.commit({ events: [{ type: "run.paused", data: { by } }] });
  return { ok: true };
}

/** Gives the agent the answer that it waits for, and the run goes on. The first answer counts. */
export function answerQuestion(journal: RunJournal, by: Approval["by"], answer: string): CommandResult {
  const view = journal.view();
  const { question } = view;
  if (question === undefined || question.answer !== undefined || view.state !== "NEEDS_HUMAN") {
    return { ok: false, code: "run_not_waiting", detail: "The agent waits for no answer." };
  }
  const answered: NewRunEvent = { type: "question.answered", data: { callId: question.callId, answer, by } };
  const next = move(applyEvent(view, { ...answered, atMs: 0 }), "resumed", `Answered by ${by.name}.`);
  if (!next.ok) return { ok: false, code: "run_not_waiting", detail: `The run can't go on: ${next.reason}.` };
  journal.commit({ events: [answered, next.event] });
  return { ok: true };
}

/** Queues a message for the agent's next turn. Ten may wait. */
export function sendMessage(journal: RunJournal, by: Approval["by"], messageId: string, text: string): CommandResult {
  const view = journal.view();
  if (isFinal(view.state))
    return { ok: false, code: "conflict", detail: `The run has ended (${view.state}): nobody would read the message.` };
  if (view.queue.length >= maxQueuedMessages)
    return { ok: false, code: "conflict", detail: `${maxQueuedMessages} messages wait already. Edit or remove one.` };
  journal.commit({ events: [{ type: "message.queued", data: { messageId, text, by } }] });
  return { ok: true };
}

/** Changes or removes (text null) a message that still waits. */
export function changeMessage(
  journal: RunJournal,
  by: Approval["by"],
  messageId: string,
  text: string | null,
): CommandResult {
  const view = journal.view();
  if (isFinal(view.state))
    return { ok: false, code: "conflict", detail: `The run has ended (${view.state}): nobody would read the message.` };
  if (!view.queue.some((message) => message.messageId === messageId)) {
    return {
      ok: false,
      code: "not_found",
      detail: "That message does not wait any more: the agent has it, or it was removed.",
    };
  }
  journal.commit({
    events: [
      text === null
        ? { type: "message.removed", data: { messageId, by } }
        : { type: "message.edited", data: { messageId, text, by } },
    ],
  });
  return { ok: true };
}

/** Sets what the run may use up. Raising it does not resume by itself. */
export function setLimits(journal: RunJournal, by: Approval["by"], limits: RunLimits): CommandResult {
  const view = journal.view();
  if (isFinal(view.state)) return { ok: false, code: "conflict", detail: `The run has ended (${view.state}).` };
  const {
    costMicros = view.limits.costMicros,
    stageTurns = view.limits.stageTurns,
    stageWallTimeMs = view.limits.stageWallTimeMs,
    wallTimeMs = view.limits.wallTimeMs,
  } = limits;
  journal.commit({
    events: [{ type: "limits.set", data: { costMicros, wallTimeMs, stageTurns, stageWallTimeMs, by } }],
  });
  return { ok: true };
}

/**
 * Records a person's decision on a patch set. The hash and the base must be those of the patch set that waits; the first
 * decision counts, a second one is refused. The events and the state change are one commit.
 */
export function decidePatchSet(journal: RunJournal, decision: PatchSetDecision, atMs: number): CommandResult {
  const view = journal.view();
  const proposed = modes[view.mode].product === "patch_set" ? view.patchSet : view.proposal;
  if (proposed === undefined)
    return { ok: false, code: "not_found", detail: "This run has proposed nothing to decide on." };
  if (isFinal(view.state)) return { ok: false, code: "run_not_waiting", detail: `The run has ended (${view.state}).` };
  if (proposed.hash !== decision.hash || proposed.baseCommit !== decision.baseCommit) {
    return {
      ok: false,
      code: "patch_set_stale",
      detail: "There is a newer version, or its base is another. Reload and look at it first.",
    };
  }
  if (view.approval?.hash === decision.hash) {
    return {
      ok: false,
      code: "already_decided",
      detail: `${view.approval.by.name} has decided on this patch set already.`,
    };
  }
  if (view.state === "BLOCKED_POLICY" && decision.decision === "approve") {
    return {
      ok: false,
      code: "policy_blocked",
      detail: "Policy blocks this patch set: it can't be approved. Request changes or reject it.",
    };
  }
  if (view.state !== "WAITING_APPROVAL" && view.state !== "BLOCKED_POLICY") {
    return { ok: false, code: "run_not_waiting", detail: `The run does not wait for a decision (${view.state}).` };
  }
  const { by, comment, hash, baseCommit } = decision;
  const decided: NewRunEvent = {
    type: "approval.decided",
    data: { hash, baseCommit, decision: decision.decision, comment, by, atMs },
  };
  const trigger: Trigger =
    decision.decision === "approve" ? "approved" : decision.decision === "reject" ? "rejected" : "changes_requested";
  const cause = trigger === "rejected" ? `Rejected by ${by.name}${comment.trim() === "" ? "." : `: ${comment}`}` : null;
  const next = move(applyEvent(view, { ...decided, atMs }), trigger, cause);
  if (!next.ok) return { ok: false, code: "run_not_waiting", detail: `That is not possible now: ${next.reason}.` };
  const told =
    trigger === "changes_requested"
      ? {
          messages: [
            {
              conversation: modes[view.mode].author,
              message: {
                role: "user" as const,
                blocks: [{ type: "text" as const, text: changesRequestedMessage(comment) }],
              },
            },
          ],
        }
      : {};
  journal.commit({ events: [decided, next.event], ...told });
  return { ok: true };
}
