import { utcMonth } from "../../../domain/budget/calendar.ts";
import type { Database } from "../../db/client.ts";
import {
  chargeDay,
  claimWarning,
  readMonth,
  releaseReservation,
  reserveIfAdmitted,
  type Account,
} from "../../db/stores/budget.ts";
import type { BudgetPort, BudgetState, RunSpending } from "../../ports/budget.ts";

/** The projects' money in D1. Each verb is one batch: all of it happens, or nothing. */
export function createBudget(db: Database): BudgetPort {
  return {
    reserve: async (call) => {
      const { callId, micros, tenantId } = call;
      const month = utcMonth(call.atMs);
      const account = { projectId: call.projectId, runId: call.runId };
      const reserve = reserveIfAdmitted(db, tenantId, account, { callId, micros, month, atMs: call.atMs });
      const row = await commit(db, call, [reserve], callId);
      return { ...stateOf(row, call.runId, month), admitted: row?.heldCallId === callId };
    },
    settle: async (spending) => stateOf(await commit(db, spending, [], ""), spending.runId, utcMonth(spending.atMs)),
  };
}

type Row = Awaited<ReturnType<typeof readMonth>>[number];

/** Charges, releases, claims the warning, then does `more`, and reads the month's state after that. */
async function commit(
  db: Database,
  { atMs, canWarn, days, projectId, runId, tenantId }: RunSpending,
  more: readonly ReturnType<typeof reserveIfAdmitted>[],
  callId: string,
): Promise<Row | undefined> {
  const account: Account = { projectId, runId };
  const month = utcMonth(atMs);
  const charges = Object.entries(days).flatMap(([day, spend]) => chargeDay(db, tenantId, account, day, spend));
  // A batch of unknown length has no type for its last answer.
  const answers: readonly unknown[] = await db.batch([
    releaseReservation(db, tenantId, runId),
    ...charges,
    ...(canWarn ? [claimWarning(db, tenantId, account, month)] : []),
    ...more,
    readMonth(db, tenantId, account, { month, atMs, callId }),
  ]);
  const rows = answers.at(-1);
  return Array.isArray(rows) ? rows.find(isRow) : undefined;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && "spentMicros" in value && "heldCallId" in value;
}

function stateOf(row: Row | undefined, runId: number, month: string): BudgetState {
  if (row === undefined) return { month: undefined, warns: false };
  const { limitMicros, project, reservedMicros, spentMicros, unpricedAccepted, unpricedCalls, warnedRunId } = row;
  return {
    month: {
      project,
      month,
      limitMicros,
      spentMicros,
      reservedMicros,
      unpricedCalls: Math.max(0, unpricedCalls - unpricedAccepted),
    },
    warns: warnedRunId === runId,
  };
}
