import { and, eq, gt, sql, type SQL } from "drizzle-orm";
import type { RunDay } from "../../../domain/budget/project-money.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { BudgetChange } from "../../ports/budget.ts";
import type { Database, Statement } from "../client.ts";
import { budgetDay, budgetMonth, budgetReservation, project } from "../schema/index.ts";

function ownProject({ projectId, tenantId }: BoardPlace): SQL {
  return sql`${project.id} = ${projectId} and ${project.tenantId} = ${tenantId}`;
}

/**
 * Charges what a run spent on a UTC day, a sum that only grows, to its project's month. Whatever was charged for that run and
 * day before is taken off, so repeating it changes nothing and an older sum that comes late neither. Both in one batch, in order.
 */
export function chargeDay(
  db: Database,
  place: BoardPlace,
  { day, runId, spend: { micros, unpricedCalls } }: RunDay,
): [Statement, Statement] {
  const { tenantId } = place;
  const known = (column: SQL) =>
    sql`coalesce((select ${column} from ${budgetDay} where ${budgetDay.runId} = ${runId} and ${budgetDay.day} = ${day}), 0)`;
  const month = db
    .insert(budgetMonth)
    .select(
      sql`select ${project.id}, ${day.slice(0, 7)}, ${tenantId}, max(0, ${micros} - ${known(sql`spent_micros`)}),
        max(0, ${unpricedCalls} - ${known(sql`unpriced_calls`)}), 0, null
      from ${project} where ${ownProject(place)}`,
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
      from ${project} where ${ownProject(place)}`,
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

/** A project's name, budget and runs' limits; no row when the tenant has no such project. */
export function findBudget(db: Database, place: BoardPlace) {
  return db
    .select({ project: project.name, limitMicros: project.monthBudgetMicros, runLimits: project.runLimits })
    .from(project)
    .where(ownProject(place));
}

/** The sums of a project's months, in no order; a month in which nothing was spent has no row. */
export function listMonths(db: Database, { projectId, tenantId }: BoardPlace) {
  const { month, spentMicros, unpricedAccepted, unpricedCalls, warnedRunId } = budgetMonth;
  return db
    .select({ month, spentMicros, unpricedCalls, unpricedAccepted, warnedRunId })
    .from(budgetMonth)
    .where(and(eq(budgetMonth.tenantId, tenantId), eq(budgetMonth.projectId, projectId)));
}

/** The sums of a project's runs by UTC day, in no order. */
export function listDays(db: Database, { projectId, tenantId }: BoardPlace) {
  const { day, runId, spentMicros, unpricedCalls } = budgetDay;
  return db
    .select({ runId, day, micros: spentMicros, unpricedCalls })
    .from(budgetDay)
    .where(and(eq(budgetDay.tenantId, tenantId), eq(budgetDay.projectId, projectId)));
}

/** Reservations that were made in D1 after a time in UTC milliseconds: by a deployment from before they were kept by the project's object. */
export function listReservations(db: Database, { projectId, tenantId }: BoardPlace, sinceMs: number) {
  const { atMs, callId, micros, runId } = budgetReservation;
  return db
    .select({ runId, callId, micros, atMs })
    .from(budgetReservation)
    .where(
      and(eq(budgetReservation.projectId, projectId), eq(budgetReservation.tenantId, tenantId), gt(atMs, sinceMs)),
    );
}

/** Sets a project's budget, its runs' limits or both. */
export function setBudget(db: Database, place: BoardPlace, change: BudgetChange): Statement {
  return db.update(project).set(change).where(ownProject(place));
}

/** A budget that was set anew: calls of unknown cost so far are left out, and the next run that crosses four fifths warns of it. */
export function beginAnew(db: Database, { projectId, tenantId }: BoardPlace, month: string): Statement {
  return db
    .update(budgetMonth)
    .set({ unpricedAccepted: sql`${budgetMonth.unpricedCalls}`, warnedRunId: null })
    .where(and(eq(budgetMonth.tenantId, tenantId), eq(budgetMonth.projectId, projectId), eq(budgetMonth.month, month)));
}
