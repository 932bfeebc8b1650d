import { isFinal } from "../../../contracts/run.ts";
import type { ApprovalVerb } from "../../../contracts/patch-set.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { canonicalJson } from "../../canonical-json.ts";
import { applyEvent } from "../fold.ts";
import type { LaneView } from "../lane-view.ts";
import { chosenLanes, decisionOutcome, hasFolders } from "../lanes.ts";
import { modes } from "../modes.ts";
import { move, type Moved } from "../move.ts";
import type { Trigger } from "../table.ts";
import type { RunView } from "../view.ts";
import { refuse, type CommandOf, type Decide, type DecidedMessage, type Refusal } from "./command.ts";

const triggers: Readonly<Record<ApprovalVerb, Trigger>> = {
  approve: "approved",
  reject: "rejected",
  request_changes: "changes_requested",
};

/** The thing that a decision is on: a lane's patch set, or the run's own proposal. */
interface Decided {
  readonly lane: LaneView | undefined;
  readonly hash: string;
  readonly baseCommit: string;
  /** The decision that was recorded before, if one was. */
  readonly approval: RunView["approval"];
}

/**
 * Records a person's decision on a patch set, a plan or a review. The hash and the base must be those that wait; the first decision
 * counts, a second one is refused. The run moves on when every lane that changes something is decided: the decision and the move are
 * one commit.
 */
export const decide: Decide<"decide"> = (view, command, _actor, nowMs) => {
  const decided = findDecided(view, command.hash);
  const refusal = refuseDecision(view, command, decided);
  if (refusal !== undefined || decided === undefined)
    return refusal ?? refuse("not_found", "This run has proposed nothing to decide on.");
  const { baseCommit, by, comment, decision, hash, role, sessionId } = command;
  const unseen = decided.lane?.unseen ?? [];
  const recorded: NewRunEvent = {
    type: "approval.decided",
    data: {
      repositoryId: decided.lane?.id ?? null,
      hash,
      baseCommit,
      decision,
      comment,
      by,
      role,
      sessionId: String(sessionId),
      ...(decision === "approve" && unseen.length > 0 ? { unseen: [...unseen] } : {}),
      atMs: nowMs,
    },
  };
  const after = applyEvent(view, { ...recorded, atMs: nowMs });
  const moves = movesAfter(after, command, decided);
  const failed = moves.find(({ ok }) => !ok);
  if (failed !== undefined) return refuse("run_not_waiting", `That is not possible now: ${failed.reason}.`);
  const events = [recorded, ...moves.map(({ event }) => event)];
  return decision === "request_changes"
    ? { ok: true, events, messages: [changesMessage(view, decided, comment)] }
    : { ok: true, events };
};

/** The moves of the run that follow a recorded decision; none while other lanes wait. */
function movesAfter(
  after: RunView,
  { by, comment, decision }: CommandOf<"decide">,
  { lane }: Decided,
): readonly Moved[] {
  const rejected = `Rejected by ${by.name}${comment.trim() === "" ? "." : `: ${comment}`}`;
  if (lane === undefined || decision === "request_changes")
    return [move(after, triggers[decision], decision === "reject" ? rejected : null)];
  const outcome = decisionOutcome(after);
  if (outcome === "waits") return [];
  if (outcome === "rejected") return [move(after, "rejected", rejected)];
  if (after.state !== "BLOCKED_POLICY") return [move(after, "approved")];
  const unblocked = move(after, "policy_passed");
  if (outcome === "unblocked") return [unblocked];
  return [unblocked, move({ ...after, state: "WAITING_APPROVAL" }, "approved")];
}

/** The text to the author when a person requests changes; `where` names the repository's folder in a run over several. */
function changesRequestedText(comment: string, where: string): string {
  return `A person looked at your work${where} and requests changes:\n\n${comment}\n\nMake them, then call the finishing tool again.`;
}

function changesMessage(view: RunView, { lane }: Decided, comment: string): DecidedMessage {
  const where = lane !== undefined && hasFolders(view) ? ` in ${lane.folder}` : "";
  const text = changesRequestedText(comment, where) + revisedPlanText(view);
  const blocks = [{ type: "text" as const, text }];
  return { conversation: modes[view.mode].author, message: { role: "user", blocks } };
}

/** The plan as a person changed it after the planner wrote it, which the planner has not seen; "" where none did. */
function revisedPlanText({ artifacts, planRevision }: RunView): string {
  if (planRevision === undefined || artifacts.plan === undefined) return "";
  return `\n\n${planRevision.by.name} has changed your plan since you submitted it. Begin from the plan as it is now, in the form of the finishing tool's input:\n\n${canonicalJson(artifacts.plan.data)}`;
}

function findDecided(view: RunView, hash: string): Decided | undefined {
  if (modes[view.mode].product !== "patch_set") {
    const { approval, proposal } = view;
    return proposal === undefined ? undefined : { lane: undefined, approval, ...proposal };
  }
  const lanes = chosenLanes(view).filter(({ patchSet }) => patchSet !== undefined);
  const lane = lanes.find(({ patchSet }) => patchSet?.hash === hash) ?? lanes[0];
  return lane?.patchSet === undefined ? undefined : { lane, approval: lane.approval, ...lane.patchSet };
}

function refuseDecision(
  view: RunView,
  { acceptsUnseen, baseCommit, decision, hash }: CommandOf<"decide">,
  decided: Decided | undefined,
): Refusal | undefined {
  if (decided === undefined) return refuse("not_found", "This run has proposed nothing to decide on.");
  if (isFinal(view.state)) return refuse("run_not_waiting", `The run has ended (${view.state}).`);
  if (decided.hash !== hash || decided.baseCommit !== baseCommit)
    return refuse("patch_set_stale", "There is a newer version, or its base is another. Reload and look at it first.");
  if (decided.approval?.hash === hash)
    return refuse("already_decided", `${decided.approval.by.name} has decided on this patch set already.`);
  if (view.state === "BLOCKED_POLICY" && decision === "approve" && decided.lane?.isBlocked !== false)
    return refuse(
      "policy_blocked",
      "Policy blocks this patch set: it can't be approved. Request changes or reject it.",
    );
  if (view.state !== "WAITING_APPROVAL" && view.state !== "BLOCKED_POLICY")
    return refuse("run_not_waiting", `The run does not wait for a decision (${view.state}).`);
  const unseen = decided.lane?.unseen ?? [];
  if (decision === "approve" && unseen.length > 0 && acceptsUnseen !== true)
    return refuse("unseen_content", unseenText(unseen));
  return undefined;
}

const namedUnseen = 5;

function unseenText(unseen: readonly string[]): string {
  const names = unseen.slice(0, namedUnseen).map((path) => JSON.stringify(path));
  const more = unseen.length > namedUnseen ? ` and ${unseen.length - namedUnseen} more` : "";
  return `The content of ${names.join(", ")}${more} can't be shown. Nothing was decided: approve with acceptsUnseen to approve it unseen.`;
}
