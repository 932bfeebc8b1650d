import type { RunEvent, RunEventData, RunEventType, Usage } from "../../../../contracts/run-events.ts";
import type { RunState } from "../../../../contracts/run.ts";
import { passedOverReason } from "../../../../domain/run/unread.ts";

interface RowBase {
  /** Number of the event that made the row: its identity. */
  readonly seq: number;
  readonly atMs: number;
}

export interface StageRow extends RowBase {
  readonly kind: "stage";
  readonly stage: string;
  readonly attempt: number;
  readonly finished: { readonly outcome: string; readonly durationMs: number } | null;
}

export interface TurnRow extends RowBase {
  readonly kind: "turn";
  readonly stage: string;
  readonly turn: number;
  readonly attempt: number;
  readonly model: string;
  readonly status: "running" | "done" | "failed" | "replaced" | "stopped";
  readonly text: string;
  readonly thinking: string;
  readonly usage: Usage | null;
  readonly costMicros: number | null;
  readonly latencyMs: number | null;
  readonly failure: { readonly code: string; readonly message: string; readonly retryAtMs: number | null } | null;
  /** The vendor's refusal to answer, with its words where it gave some; null where it answered. */
  readonly refusal: { readonly detail: string | null } | null;
}

export interface ToolRow extends RowBase {
  readonly kind: "tool";
  readonly callId: string;
  readonly name: string;
  readonly input: unknown;
  readonly status: "running" | RunEventData<"tool.finished">["outcome"];
  readonly output: string;
  readonly truncated: boolean;
  readonly durationMs: number | null;
}

/** A person's message to the agent while it worked. */
export interface MessageRow extends RowBase {
  readonly kind: "message";
  readonly messageId: string;
  readonly text: string;
  readonly by: RunEventData<"message.queued">["by"];
  readonly status: "waiting" | "delivered" | "removed" | "passed_over";
  /** Why no agent reads it; null for every other message. */
  readonly reason: string | null;
}

const notedTypes = {
  "run.created": true,
  "run.event_refused": true,
  "stage.finished": true,
  "run.state_changed": true,
  "sandbox.opened": true,
  "repository.seeded": true,
  "tests.reported": true,
  "review.submitted": true,
  "patch_set.proposed": true,
  "policy.evaluated": true,
  "gate.evaluated": true,
  "approval.decided": true,
  "write.finished": true,
  "pull_request.opened": true,
  "pull_request.read": true,
  "ci.updated": true,
  "ci.required": true,
  "pull_request.updated": true,
  "pull_request.close_requested": true,
  "pull_request.close_ended": true,
  "branch.delete_requested": true,
  "branch.delete_ended": true,
  "base.moved": true,
  notice: true,
  "run.cancel_requested": true,
  "run.paused": true,
  "run.unpaused": true,
  "question.asked": true,
  "question.answered": true,
  "artifact.created": true,
  "plan.revised": true,
  "tickets.created": true,
  "budget.warned": true,
  "context.compacted": true,
  "call.cut": true,
  "repositories.chosen": true,
  "lanes.ordered": true,
  "versions.compared": true,
  "patch_set.withdrawn": true,
} as const satisfies Partial<Record<RunEventType, true>>;
type NotedType = keyof typeof notedTypes;

/** An event that is shown as it is. */
export interface NotedRow extends RowBase {
  readonly kind: "noted";
  readonly event: Extract<RunEvent, { type: NotedType }>;
}

export type Row = StageRow | TurnRow | ToolRow | MessageRow | NotedRow;

/** The states worth a line of their own; the others show as stages. */
const tellingStates: readonly RunState[] = [
  "BLOCKED_POLICY",
  "WAITING_APPROVAL",
  "DONE",
  "DECLINED",
  "DEFERRED",
  "NEEDS_HUMAN",
  "CANCELLED",
  "FAILED",
];

/** States in which no agent works, so that open rows count as stopped. */
const standstills: readonly RunState[] = ["DONE", "DECLINED", "DEFERRED", "NEEDS_HUMAN", "CANCELLED", "FAILED"];

function stopOpen(rows: Row[], atMs: number): void {
  for (const [index, row] of rows.entries()) {
    if (row.kind === "stage" && row.finished === null)
      rows[index] = { ...row, finished: { outcome: "stopped", durationMs: atMs - row.atMs } };
    if (row.kind === "turn" && row.status === "running") rows[index] = { ...row, status: "stopped" };
    if (row.kind === "tool" && row.status === "running")
      rows[index] = { ...row, status: "interrupted", durationMs: atMs - row.atMs };
  }
}

function isNoted(event: RunEvent): event is Extract<RunEvent, { type: NotedType }> {
  const type: RunEventType = event.type;
  if (event.type === "run.state_changed") return tellingStates.includes(event.data.to);
  return Object.hasOwn(notedTypes, type);
}

/**
 * Changes the newest row for which `pick` gives a new one. It says "none" where no older row can be meant: without that, every turn would
 * look through the whole run.
 */
function changeNewest(rows: Row[], pick: (row: Row) => Row | "none" | null): boolean {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    const changed = row === undefined ? null : pick(row);
    if (changed === null) continue;
    if (changed === "none") return false;
    rows[index] = changed;
    return true;
  }
  return false;
}

function changeMessage(rows: Row[], messageId: string, fields: Partial<MessageRow>): void {
  changeNewest(rows, (row) => (row.kind === "message" && row.messageId === messageId ? { ...row, ...fields } : null));
}

/** Marks the messages that wait as ones that no agent reads any more, where the run's new state says so. */
function passOver(rows: Row[], to: RunState): void {
  const reason = passedOverReason(to);
  if (reason === undefined) return;
  for (const [index, row] of rows.entries())
    if (row.kind === "message" && row.status === "waiting") rows[index] = { ...row, status: "passed_over", reason };
}

/** The row with `fields` when it is the turn that runs; "none" at any other turn, because only the newest one can run. */
function changedTurn(row: Row, stage: string, turn: number, fields: Partial<TurnRow>): Row | "none" | null {
  if (row.kind !== "turn") return null;
  return row.status === "running" && row.stage === stage && row.turn === turn ? { ...row, ...fields } : "none";
}

/** Adds one event to the transcript: a new row at the end of `rows`, or a changed one where a turn, tool or stage has ended. */
export function addToRows(rows: Row[], event: RunEvent): void {
  const { seq, atMs } = event;
  switch (event.type) {
    case "stage.started":
      rows.push({ kind: "stage", seq, atMs, stage: event.data.stage, attempt: event.data.attempt, finished: null });
      return;
    case "stage.finished": {
      const { stage, attempt, outcome, durationMs } = event.data;
      if (event.data.report !== null) rows.push({ kind: "noted", seq, atMs, event });
      changeNewest(rows, (row) =>
        row.kind === "stage" && row.stage === stage && row.attempt === attempt
          ? { ...row, finished: { outcome, durationMs } }
          : null,
      );
      return;
    }
    case "turn.started": {
      const { stage, turn, attempt, model } = event.data;
      changeNewest(rows, (row) => changedTurn(row, stage, turn, { status: "replaced" }));
      const blank = {
        text: "",
        thinking: "",
        usage: null,
        costMicros: null,
        latencyMs: null,
        failure: null,
        refusal: null,
      };
      rows.push({ kind: "turn", seq, atMs, stage, turn, attempt, model, status: "running", ...blank });
      return;
    }
    case "turn.finished": {
      const { stage, stopDetail, stopReason, turn, text, thinking, usage, costMicros, latencyMs } = event.data;
      const refusal = stopReason === "refusal" ? { detail: stopDetail ?? null } : null;
      const done = { status: "done", text, thinking, usage, costMicros, latencyMs, refusal } as const;
      const found = changeNewest(rows, (row) => changedTurn(row, stage, turn, done));
      if (!found) rows.push({ kind: "turn", seq, atMs, stage, turn, attempt: 1, model: "", failure: null, ...done });
      return;
    }
    case "turn.failed": {
      const { stage, turn, code, message, retryAtMs } = event.data;
      const failure = { code, message, retryAtMs };
      changeNewest(rows, (row) => changedTurn(row, stage, turn, { status: "failed", failure }));
      return;
    }
    case "tool.started": {
      const { callId, name, input } = event.data;
      rows.push({
        kind: "tool",
        seq,
        atMs,
        callId,
        name,
        input,
        status: "running",
        output: "",
        truncated: false,
        durationMs: null,
      });
      return;
    }
    case "tool.finished": {
      const { callId, name, outcome, output, truncated, durationMs } = event.data;
      const finished = { status: outcome, output, truncated, durationMs };
      const found = changeNewest(rows, (row) =>
        row.kind === "tool" && row.callId === callId && (row.status === "running" || row.status === "interrupted")
          ? { ...row, ...finished }
          : null,
      );
      if (!found) rows.push({ kind: "tool", seq, atMs, callId, name, input: null, ...finished });
      return;
    }
    case "message.queued":
      rows.push({ kind: "message", seq, atMs, ...event.data, status: "waiting", reason: null });
      return;
    case "message.edited":
      changeMessage(rows, event.data.messageId, { text: event.data.text });
      return;
    case "message.removed":
      changeMessage(rows, event.data.messageId, { status: "removed" });
      return;
    case "message.delivered":
      changeMessage(rows, event.data.messageId, { status: "delivered" });
      return;
    default:
      if (event.type === "run.state_changed") passOver(rows, event.data.to);
      if (event.type === "run.state_changed" && standstills.includes(event.data.to)) stopOpen(rows, atMs);
      if (isNoted(event)) rows.push({ kind: "noted", seq, atMs, event });
  }
}
