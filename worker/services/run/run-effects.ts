import type { EffectData } from "../../../domain/run/effects.ts";
import type { Database } from "../../db/client.ts";
import { insertAuditOnce } from "../../db/stores/ledger.ts";
import { insertNotice } from "../../db/stores/notice.ts";
import { moveTicketOnce } from "../../db/stores/ticket-move.ts";
import { systemCaller, type RunHost, type RunSpec } from "../../ports/run-host.ts";

/** The effects of a run that only write outside its object. Each does its work once for a key, however often it is called. */
export interface RunEffects {
  recordAudit(spec: RunSpec, key: string, entry: EffectData["audit"]): Promise<void>;
  moveTicket(spec: RunSpec, key: string, move: EffectData["ticket_move"]): Promise<void>;
  notify(spec: RunSpec, key: string, notice: EffectData["notice"]): Promise<void>;
  /** Throws when the run's host can't be reached. A run that was never started is not woken. */
  wakeRun(runId: number): Promise<void>;
}

/** The effects over D1 and the runs' hosts. They throw whatever the database throws. */
export function createRunEffects(db: Database, runs: RunHost): RunEffects {
  return {
    recordAudit: async ({ runId, tenantId }, key, entry) => {
      await insertAuditOnce(db, key, { ...entry, tenantId, subject: `run:${runId}` });
    },
    moveTicket: async ({ runId, tenantId }, key, { atMs, ticketId, to }) => {
      await moveTicketOnce(db, key, { tenantId, runId, ticketId: Number(ticketId), to, atMs });
    },
    notify: async ({ runId, tenantId }, key, { atMs, reason, text }) => {
      await insertNotice(db, key, { tenantId, runId: Number(runId), reason, text, atMs });
    },
    wakeRun: async (runId) => {
      await runs.command(runId, systemCaller("sub-runs"), { kind: "wake" });
    },
  };
}
