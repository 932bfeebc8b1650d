import type { FeedTopic } from "../../../contracts/feed.ts";
import type { EffectData } from "../../../domain/run/effects.ts";
import type { Database } from "../../db/client.ts";
import { insertAuditOnce } from "../../db/stores/ledger.ts";
import { findRunTicket } from "../../db/stores/run.ts";
import { insertNotice } from "../../db/stores/notice.ts";
import { ticketMoves } from "../../../domain/run/effects.ts";
import type { BoardHost } from "../../ports/board-host.ts";
import { PortError } from "../../ports/errors.ts";
import { commentAs } from "../board/comments.ts";
import { systemCaller, type RunHost, type RunSpec } from "../../ports/run-host.ts";

/** The effects of a run that only write outside its object. Each does its work once for a key, however often it is called. */
export interface RunEffects {
  /** Has the lists of runs in the tenant's open pages loaded again, after the run's row was written. */
  showInLists(spec: Pick<RunSpec, "tenantId">): Promise<void>;
  recordAudit(spec: RunSpec, key: string, entry: EffectData["audit"]): Promise<void>;
  moveTicket(spec: RunSpec, key: string, move: EffectData["ticket_move"]): Promise<void>;
  /** Shows the run's state to whoever has its ticket's board open. */
  showRun(spec: RunSpec, shown: EffectData["ticket_run"]): Promise<void>;
  /** Tells the person who started the run; a failure is also written under its ticket. */
  notify(spec: RunSpec, key: string, notice: EffectData["notice"]): Promise<void>;
  /** Throws when the run's host can't be reached. A run that was never started is not woken. */
  wakeRun(runId: number): Promise<void>;
}

/** The collaborators of a run's effects. */
export interface RunEffectParts {
  readonly db: Database;
  readonly boards: Pick<BoardHost, "showRun" | "write">;
  readonly runs: RunHost;
  /** Tells a tenant's open pages that a list has changed; it never fails. */
  readonly tellFeed: (tenantId: number, topic: FeedTopic) => Promise<void>;
}

/** The effects over D1, the boards' and the runs' hosts. They throw whatever the database throws. */
export function createRunEffects({ boards, db, runs, tellFeed }: RunEffectParts): RunEffects {
  return {
    showInLists: ({ tenantId }) => tellFeed(tenantId, "runs"),
    recordAudit: async ({ runId, tenantId }, key, entry) => {
      await insertAuditOnce(db, key, { ...entry, tenantId, subject: `run:${runId}` });
    },
    moveTicket: async ({ projectId, runId, tenantId }, effectKey, { ticketId, to }) => {
      const actor = { kind: "run", id: runId, name: "" } as const;
      const command = { kind: "run_move", ticketId, from: ticketMoves[to], to, effectKey } as const;
      const caller = { actor, sessionId: null, requestId: "" };
      const result = await boards.write({ tenantId, projectId: Number(projectId) }, caller, command);
      if (!result.ok) throw new PortError("tracker", "permanent", result.code, result.detail);
    },
    showRun: async ({ projectId, runId, tenantId }, { mode, state, ticketId }) => {
      await boards.showRun({ tenantId, projectId: Number(projectId) }, ticketId, { id: runId, state, mode });
    },
    notify: async ({ runId, tenantId }, key, { atMs, reason, text }) => {
      await insertNotice(db, key, { tenantId, runId: Number(runId), reason, text, atMs });
      await tellFeed(tenantId, "notices");
      const ticketId = reason === "failed" ? await findRunTicket(db, tenantId, Number(runId)) : null;
      if (ticketId === null) return;
      // A ticket that was deleted meanwhile takes no comment: then the notice alone tells of the failure.
      const by = { tenantId, actor: { kind: "run", id: runId, name: "" } } as const;
      const comment = { body: `Run ${runId} failed: ${text}`, sourceKey: `${key}:comment` };
      await commentAs({ boards, db }, by, ticketId, comment);
    },
    wakeRun: async (runId) => {
      await runs.command(runId, systemCaller("sub-runs"), { kind: "wake" });
    },
  };
}
