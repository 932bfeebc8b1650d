import type { Actor } from "../../contracts/actor.ts";
import type { NoticeReason } from "../../contracts/notice.ts";
import type { TicketStage } from "../../contracts/project.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run-names.ts";
import { isFinal, type RunState } from "../../contracts/run.ts";
import { stageOf } from "./machine.ts";
import { projectedEvents } from "./projection.ts";
import { isWaiting, type RunView } from "./view.ts";

/** The effects that an event may have outside the run's own object. */
export const effectKinds = [
  "projection",
  "audit",
  "ticket_move",
  "ticket_run",
  "notice",
  "wake_parent",
  "spending",
] as const;
export type EffectKind = (typeof effectKinds)[number];

/** The reasons for a notice to the person who started a run. */
export type RunNoticeReason = Exclude<NoticeReason, "mentioned">;

/** An audit entry of a command, as its effect carries it. */
export interface AuditEffect {
  readonly actor: Actor;
  /** The session that a person acted through. */
  readonly sessionId: number | null;
  /** `<noun>.<verb in the past>`, such as `run.cancelled`. */
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly atMs: number;
}

/**
 * The stages that a run moves its ticket to, each with those that it may come from. A ticket that a person has put into another one stays,
 * and it goes back only when its run has ended for nothing.
 */
export const ticketMoves = {
  in_progress: ["backlog", "todo"],
  code_review: ["backlog", "todo", "in_progress"],
  done: ["in_progress", "code_review"],
  todo: ["in_progress", "code_review"],
} as const satisfies Partial<Record<TicketStage, readonly TicketStage[]>>;

/** The states in which a run has ended without a result that its ticket waits for. */
const endedForNothing: ReadonlySet<RunState> = new Set(["FAILED", "CANCELLED", "DECLINED", "DEFERRED"]);
/** The states in which a run has opened all pull requests that it opens. */
const hasOpenedAll: ReadonlySet<RunState> = new Set(["PR_OPEN", "VERIFYING_CI", "NEEDS_HUMAN"]);

/** The data of each kind. `projection` and `spending` carry nothing: they write the state of the run's log at that time. */
export interface EffectData {
  readonly projection: Readonly<Record<string, never>>;
  readonly spending: Readonly<Record<string, never>>;
  readonly audit: AuditEffect;
  readonly ticket_move: { readonly ticketId: string; readonly to: keyof typeof ticketMoves; readonly atMs: number };
  /** Shows the run's state on its ticket's card. */
  readonly ticket_run: { readonly ticketId: string; readonly state: RunState; readonly mode: RunMode };
  readonly notice: {
    readonly reason: RunNoticeReason;
    readonly text: string;
    readonly atMs: number;
  };
  readonly wake_parent: { readonly runId: string };
}

export type EffectOf<K extends EffectKind> = {
  [P in K]: { readonly kind: P; readonly entity: string; readonly data: EffectData[P] };
}[K];
/** One effect. Effects of one kind and entity are done in the order of their events. */
export type Effect = EffectOf<EffectKind>;

/** Facts about an event's effects that the event itself does not hold. */
export interface EffectContext {
  /** The run that started this one; null when a person did. */
  readonly parentRunId: string | null;
  /** The command that this event is the first of; undefined for all other events. */
  readonly command: Omit<AuditEffect, "atMs"> | undefined;
}

/**
 * The effects that an event causes, at most one of each kind.
 *
 * @param view the run after the event
 */
export function effectsOf(event: RunEvent, view: RunView, context: EffectContext): readonly Effect[] {
  const effects: Effect[] = [];
  if (projectedEvents.has(event.type) || costsAtRest(event, view))
    effects.push({ kind: "projection", entity: "run", data: {} });
  if (context.command !== undefined)
    effects.push({ kind: "audit", entity: "run", data: { ...context.command, atMs: event.atMs } });
  const ticket = ticketMoveOf(event, view);
  if (ticket !== undefined) effects.push(ticket);
  const card = ticketRunOf(event, view);
  if (card !== undefined) effects.push(card);
  const notice = noticeOf(event, view);
  if (notice !== undefined) effects.push(notice);
  if (context.parentRunId !== null && event.type === "run.state_changed" && rests(view))
    effects.push({ kind: "wake_parent", entity: context.parentRunId, data: { runId: context.parentRunId } });
  if (endsCall(event, view)) effects.push({ kind: "spending", entity: "run", data: {} });
  return effects;
}

function rests(view: RunView): boolean {
  return isFinal(view.state) || isWaiting(view.state);
}

/** A call that a person's command cut is booked when the run rests already, and nothing else writes its row again. */
function costsAtRest(event: RunEvent, view: RunView): boolean {
  return event.type === "call.cut" && (rests(view) || view.paused);
}

/** True when a model call has ended or can't continue, so that the project's account has to be settled. */
function endsCall(event: RunEvent, view: RunView): boolean {
  switch (event.type) {
    case "turn.finished":
    case "turn.failed":
    case "call.cut":
    case "run.paused":
      return true;
    case "context.compacted":
      return event.data.call !== null;
    case "run.state_changed":
      return stageOf(view.state) === undefined;
    default:
      return false;
  }
}

function ticketRunOf(event: RunEvent, view: RunView): Effect | undefined {
  const { created } = view;
  const changes = event.type === "run.created" || event.type === "run.state_changed";
  if (!changes || created?.ticket === null || created?.ticket === undefined) return undefined;
  const ticketId = created.ticket.id;
  return { kind: "ticket_run", entity: ticketId, data: { ticketId, state: view.state, mode: created.mode } };
}

function ticketMoveOf(event: RunEvent, view: RunView): Effect | undefined {
  const to = ticketStageAfter(event, view);
  const ticketId = view.created?.ticket?.id;
  if (to === undefined || ticketId === undefined) return undefined;
  return { kind: "ticket_move", entity: ticketId, data: { ticketId, to, atMs: event.atMs } };
}

function ticketStageAfter(event: RunEvent, view: RunView): keyof typeof ticketMoves | undefined {
  switch (event.type) {
    case "pull_request.opened":
      return "code_review";
    case "pull_request.updated":
      return isMerged(view) ? "done" : undefined;
    case "run.state_changed":
      if (event.data.trigger === "started") return "in_progress";
      // A pull request that was left open is still looked at by people.
      return endedForNothing.has(view.state) && !hasPull(view, "open") && !hasPull(view, "merged") ? "todo" : undefined;
    default:
      return undefined;
  }
}

function hasPull({ lanes }: RunView, state: "merged" | "open"): boolean {
  return lanes.some(({ pullRequest }) => pullRequest?.state === state);
}

/** Whether all pull requests of a run are merged, and no other will be opened. */
function isMerged(view: RunView): boolean {
  const isAll = view.lanes.every(({ pullRequest }) => (pullRequest?.state ?? "merged") === "merged");
  return isAll && hasPull(view, "merged") && (isFinal(view.state) || hasOpenedAll.has(view.state));
}

function noticeOf(event: RunEvent, view: RunView): Effect | undefined {
  const content = noticeContentOf(event, view);
  if (content === undefined) return undefined;
  const [reason, text] = content;
  return { kind: "notice", entity: "run", data: { reason, text, atMs: event.atMs } };
}

function noticeContentOf(event: RunEvent, view: RunView): readonly [RunNoticeReason, string] | undefined {
  if (event.type === "question.asked") return ["question", event.data.question];
  if (event.type !== "run.state_changed") return undefined;
  switch (event.data.to) {
    case "WAITING_APPROVAL":
      return ["approval", "The run waits for approval."];
    case "BLOCKED_POLICY":
      return ["approval", event.data.cause ?? "Policy blocks the patch set."];
    case "NEEDS_HUMAN":
      // The question has a notice of its own.
      return view.question !== undefined && view.question.answer === undefined
        ? undefined
        : ["needs_human", event.data.cause ?? "The run needs a person."];
    case "FAILED":
      // A person who rejects a run knows of it.
      return event.data.trigger === "rejected" ? undefined : ["failed", event.data.cause ?? "The run failed."];
    default:
      return undefined;
  }
}
