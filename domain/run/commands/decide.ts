import { isFinal } from "../../../contracts/run.ts";
import type { ApprovalVerb } from "../../../contracts/patch-set.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { changesRequestedMessage } from "../../instruction/prompts.ts";
import { applyEvent } from "../fold.ts";
import { move } from "../move.ts";
import { authorStage, productOf, type Trigger } from "../table.ts";
import type { RunView } from "../view.ts";
import { asPerson, refuse, type CommandOf, type Decide, type Refusal } from "./command.ts";

const triggers: Readonly<Record<ApprovalVerb, Trigger>> = {
  approve: "approved",
  reject: "rejected",
  request_changes: "changes_requested",
};

/**
 * Records a person's decision on what waits. The hash and the base must be those of what waits; the first decision counts, a
 * second one is refused. The decision and the state change are one commit.
 */
export const decide: Decide<"decide"> = (view, command, _actor, nowMs) => {
  const refusal = refuseDecision(view, command);
  if (refusal !== undefined) return refusal;
  const { baseCommit, comment, decision, hash } = command;
  const by = asPerson(command.by);
  const decided: NewRunEvent = {
    type: "approval.decided",
    data: { hash, baseCommit, decision, comment, by, atMs: nowMs },
  };
  const trigger = triggers[decision];
  const cause = trigger === "rejected" ? `Rejected by ${by.name}${comment.trim() === "" ? "." : `: ${comment}`}` : null;
  const next = move(applyEvent(view, { ...decided, atMs: nowMs }), trigger, cause);
  if (!next.ok) return refuse("run_not_waiting", `That is not possible now: ${next.reason}.`);
  const events = [decided, next.event];
  if (trigger !== "changes_requested") return { ok: true, events };
  const blocks = [{ type: "text" as const, text: changesRequestedMessage(comment) }];
  return {
    ok: true,
    events,
    messages: [{ conversation: authorStage(view.mode), message: { role: "user", blocks } }],
  };
};

function refuseDecision(view: RunView, { baseCommit, decision, hash }: CommandOf<"decide">): Refusal | undefined {
  const proposed = productOf(view.mode) === "patch set" ? view.patchSet : view.proposal;
  if (proposed === undefined) return refuse("not_found", "This run has proposed nothing to decide on.");
  if (isFinal(view.state)) return refuse("run_not_waiting", `The run has ended (${view.state}).`);
  if (proposed.hash !== hash || proposed.baseCommit !== baseCommit)
    return refuse("patch_set_stale", "There is a newer version, or its base is another. Reload and look at it first.");
  if (view.approval?.hash === hash)
    return refuse("already_decided", `${view.approval.by.name} has decided on this patch set already.`);
  if (view.state === "BLOCKED_POLICY" && decision === "approve")
    return refuse(
      "policy_blocked",
      "Policy blocks this patch set: it can't be approved. Request changes or reject it.",
    );
  if (view.state !== "WAITING_APPROVAL" && view.state !== "BLOCKED_POLICY")
    return refuse("run_not_waiting", `The run does not wait for a decision (${view.state}).`);
  return undefined;
}
