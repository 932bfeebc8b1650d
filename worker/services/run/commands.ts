import { isFinal } from "../../../contracts/run.ts";
import type { Approval } from "../../../contracts/patch-set.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { changesRequestedMessage } from "../../../domain/instruction/prompts.ts";
import { applyEvent } from "../../../domain/run/fold.ts";
import type { Trigger } from "../../../domain/run/machine.ts";
import type { CommandResult, PatchSetDecision } from "../../ports/run-host.ts";
import type { RunJournal } from "./engine/journal.ts";
import { move } from "./engine/move.ts";

/** Ends the run by a person's word. A run that has ended stays as it is, and says so. */
export function cancelRun(journal: RunJournal, by: Approval["by"]): CommandResult {
  const next = move(journal.view(), "cancelled", `Cancelled by ${by.name}.`);
  journal.commit({ events: [next.event] });
  return next.ok ? { ok: true } : { ok: false, code: "conflict", detail: `The run can't be cancelled: ${next.reason}.` };
}

/** Goes on where the run stopped to ask. */
export function resumeRun(journal: RunJournal, by: Approval["by"]): CommandResult {
  const next = move(journal.view(), "resumed", `Resumed by ${by.name}.`);
  if (!next.ok) return { ok: false, code: "run_not_waiting", detail: `The run can't be resumed: ${next.reason}.` };
  journal.commit({ events: [next.event], facts: { step_failures: null } });
  return { ok: true };
}

/**
 * Records a person's decision on a patch set. The hash and the base must be those of the patch set that waits; the first
 * decision counts, a second one is refused. The events and the state change are one commit.
 */
export function decidePatchSet(journal: RunJournal, decision: PatchSetDecision, atMs: number): CommandResult {
  const view = journal.view();
  const { patchSet } = view;
  if (patchSet === undefined) return { ok: false, code: "not_found", detail: "This run has proposed no patch set." };
  if (isFinal(view.state)) return { ok: false, code: "run_not_waiting", detail: `The run has ended (${view.state}).` };
  if (patchSet.hash !== decision.hash || patchSet.baseCommit !== decision.baseCommit) {
    return { ok: false, code: "patch_set_stale", detail: "There is a newer version of this patch set, or its base is another. Reload and look at it first." };
  }
  if (view.approval?.hash === decision.hash) {
    return { ok: false, code: "already_decided", detail: `${view.approval.by.name} has decided on this patch set already.` };
  }
  if (view.state === "BLOCKED_POLICY" && decision.decision === "approve") {
    return { ok: false, code: "policy_blocked", detail: "Policy blocks this patch set: it can't be approved. Request changes or reject it." };
  }
  if (view.state !== "WAITING_APPROVAL" && view.state !== "BLOCKED_POLICY") {
    return { ok: false, code: "run_not_waiting", detail: `The run does not wait for a decision (${view.state}).` };
  }
  const { by, comment, hash, baseCommit } = decision;
  const decided: NewRunEvent = { type: "approval.decided", data: { hash, baseCommit, decision: decision.decision, comment, by, atMs } };
  const trigger: Trigger = decision.decision === "approve" ? "approved" : decision.decision === "reject" ? "rejected" : "changes_requested";
  const cause = trigger === "rejected" ? `Rejected by ${by.name}${comment.trim() === "" ? "." : `: ${comment}`}` : null;
  const next = move(applyEvent(view, { ...decided, atMs }), trigger, cause);
  if (!next.ok) return { ok: false, code: "run_not_waiting", detail: `That is not possible now: ${next.reason}.` };
  const told =
    trigger === "changes_requested"
      ? { messages: [{ conversation: "coder", message: { role: "user" as const, blocks: [{ type: "text" as const, text: changesRequestedMessage(comment) }] } }] }
      : {};
  journal.commit({ events: [decided, next.event], ...told });
  return { ok: true };
}
