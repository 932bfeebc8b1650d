import { and, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { RunLimits } from "../../../contracts/run.ts";
import { lowFrom } from "../../../domain/budget/month.ts";
import type { DaySpend } from "../../../domain/run/view.ts";
import type { Database, Statement } from "../client.ts";
import { budgetDay, budgetMonth, budgetReservation, project } from "../schema/index.ts";

/** The account of a charge: a run and its project. */
export interface Account {
  readonly projectId: number;
  readonly runId: number;
}

/** No model call lasts this long, so an older reservation belongs to a run that has gone. */
const reservationLifeMs = 3_600_000;

function ownProject(tenantId: number, projectId: number): SQL {
  return sql`${project.id} = ${projectId} and ${project.tenantId} = ${tenantId}`;
}

/**
 * Charges what a run spent on a UTC day, a sum that only grows, to its project's month. Whatever was charged for that run and
 * day before is taken off, so repeating it changes nothing and an older sum that comes late neither. Both in one batch, in order.
 */
export function chargeDay(
  db: Database,
  tenantId: number,
  { projectId, runId }: Account,
  day: string,
  { micros, unpricedCalls }: DaySpend,
): [Statement, Statement] {
  const known = (column: SQL) =>
    sql`coalesce((select ${column} from ${budgetDay} where ${budgetDay.runId} = ${runId} and ${budgetDay.day} = ${day}), 0)`;
  const month = db
    .insert(budgetMonth)
    .select(
      sql`select ${project.id}, ${day.slice(0, 7)}, ${tenantId}, max(0, ${micros} - ${known(sql`spent_micros`)}),
        max(0, ${unpricedCalls} - ${known(sql`unpriced_calls`)}), 0, null
      from ${project} where ${ownProject(tenantId, projectId)}`,
    )
    .onConflictDoUpdate({
      target: [budgetMonth.projectId, budgetMonth.month],
      set: {
        spentMicros: sql`${budgetMonth.spentMicros} + excluded.spent_micros`,
        unpricedCalls: sql`${budgetMonth.unpricedCalls} + excluded.unpriced_calls`,
      },
    });
  const own = db
    .insert(budgetDay)
    .select(
      sql`select ${runId}, ${day}, ${tenantId}, ${project.id}, ${micros}, ${unpricedCalls}
      from ${project} where ${ownProject(tenantId, projectId)}`,
    )
    .onConflictDoUpdate({
      target: [budgetDay.runId, budgetDay.day],
      set: {
        spentMicros: sql`max(${budgetDay.spentMicros}, excluded.spent_micros)`,
        unpricedCalls: sql`max(${budgetDay.unpricedCalls}, excluded.unpriced_calls)`,
      },
    });
  return [month, own];
}

/** Takes a run's reservation back. */
export function releaseReservation(db: Database, tenantId: number, runId: number): Statement {
  return db
    .delete(budgetReservation)
    .where(and(eq(budgetReservation.tenantId, tenantId), eq(budgetReservation.runId, runId)));
}

/** Makes this run the one that warns of the month's low budget, when it is low and no other run has that task. */
export function claimWarning(db: Database, tenantId: number, { projectId, runId }: Account, month: string): Statement {
  const limit = sql`(select ${project.monthBudgetMicros} from ${project} where ${ownProject(tenantId, projectId)})`;
  return db
    .update(budgetMonth)
    .set({ warnedRunId: runId })
    .where(
      and(
        eq(budgetMonth.tenantId, tenantId),
        eq(budgetMonth.projectId, projectId),
        eq(budgetMonth.month, month),
        sql`${budgetMonth.warnedRunId} is null and ${limit} > 0 and ${budgetMonth.spentMicros} >= ${limit} * ${lowFrom}`,
      ),
    );
}

/** The most that calls of other runs may still cost; of all runs with `runId` 0. */
function reservedBy(projectId: SQL, others: number, atMs: number): SQL<number> {
  return sql<number>`(select coalesce(sum(${budgetReservation.micros}), 0) from ${budgetReservation}
    where ${budgetReservation.projectId} = ${projectId} and ${budgetReservation.runId} <> ${others}
      and ${budgetReservation.atMs} > ${atMs - reservationLifeMs})`;
}

/**
 * Reserves a call's cost for a run that holds no reservation, unless the month's budget does not admit it: the same rule as
 * `admitsCall` of the domain, decided inside the statement, so that of two calls at once one sees the other. `micros` null: no
 * known price.
 */
export function reserveIfAdmitted(
  db: Database,
  tenantId: number,
  { projectId, runId }: Account,
  call: { readonly callId: string; readonly micros: number | null; readonly month: string; readonly atMs: number },
): Statement {
  const ofMonth = (column: SQL) =>
    sql`coalesce((select ${column} from ${budgetMonth} where ${budgetMonth.projectId} = ${projectId} and ${budgetMonth.month} = ${call.month}), 0)`;
  return db.insert(budgetReservation).select(
    sql`select ${runId}, ${tenantId}, ${project.id}, ${call.callId}, ${call.micros ?? 0}, ${call.atMs}
      from ${project} where ${ownProject(tenantId, projectId)} and (${project.monthBudgetMicros} is null or (
        ${call.micros === null ? 0 : 1} and ${ofMonth(sql`unpriced_calls - unpriced_accepted`)} = 0
        and ${ofMonth(sql`spent_micros`)} + ${reservedBy(sql`${projectId}`, runId, call.atMs)} < ${project.monthBudgetMicros}))`,
  );
}

/** The project's month as one row; no row when the tenant has no such project. With a run: what concerns that run too. */
export function readMonth(
  db: Database,
  tenantId: number,
  { projectId, runId }: Account,
  at: { readonly month: string; readonly atMs: number; readonly callId: string },
) {
  return db
    .select({
      project: project.name,
      limitMicros: project.monthBudgetMicros,
      runLimits: project.runLimits,
      spentMicros: sql<number>`coalesce(${budgetMonth.spentMicros}, 0)`,
      unpricedCalls: sql<number>`coalesce(${budgetMonth.unpricedCalls}, 0)`,
      unpricedAccepted: sql<number>`coalesce(${budgetMonth.unpricedAccepted}, 0)`,
      reservedMicros: reservedBy(sql`${projectId}`, runId, at.atMs),
      warnedRunId: budgetMonth.warnedRunId,
      heldCallId: sql<
        string | null
      >`(select ${budgetReservation.callId} from ${budgetReservation} where ${budgetReservation.runId} = ${runId} and ${budgetReservation.callId} = ${at.callId})`,
    })
    .from(project)
    .leftJoin(budgetMonth, and(eq(budgetMonth.projectId, project.id), eq(budgetMonth.month, at.month)))
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)));
}

/** The cost of these months, in no order; a month in which nothing was spent has no row. */
export function listMonths(db: Database, tenantId: number, projectId: number, months: readonly string[]) {
  return db
    .select({
      month: budgetMonth.month,
      spentMicros: budgetMonth.spentMicros,
      unpricedCalls: budgetMonth.unpricedCalls,
    })
    .from(budgetMonth)
    .where(
      and(
        eq(budgetMonth.tenantId, tenantId),
        eq(budgetMonth.projectId, projectId),
        inArray(budgetMonth.month, [...months]),
      ),
    );
}

/** Sets a project's budget, its runs' limits or both. */
export function setBudget(
  db: Database,
  tenantId: number,
  projectId: number,
  change: { readonly monthBudgetMicros?: number | null; readonly runLimits?: RunLimits },
): Statement {
  return db
    .update(project)
    .set(change)
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)));
}

/** A budget that was set anew: calls of unknown cost so far are left out, and the next run that crosses four fifths warns of it. */
export function beginAnew(db: Database, tenantId: number, projectId: number, month: string): Statement {
  return db
    .update(budgetMonth)
    .set({ unpricedAccepted: sql`${budgetMonth.unpricedCalls}`, warnedRunId: null })
    .where(and(eq(budgetMonth.tenantId, tenantId), eq(budgetMonth.projectId, projectId), eq(budgetMonth.month, month)));
}
