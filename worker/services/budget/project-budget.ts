import type { ProjectBudget, SetProjectBudget } from "../../../contracts/budget.ts";
import { monthsUpTo, utcMonth } from "../../../domain/budget/calendar.ts";
import { monthState } from "../../../domain/budget/month.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { beginAnew, listMonths, readMonth, setBudget } from "../../db/stores/budget.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { projectExists } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";

const monthsShown = 12;

/** A project's budget and what its runs spent in the last twelve months, or `not_found`. One batch. */
export async function getProjectBudget(context: ServiceContext, projectId: number): Promise<ProjectBudget> {
  const { db, tenantId } = context;
  const atMs = context.now();
  const month = utcMonth(atMs);
  const months = monthsUpTo(month, monthsShown);
  const [[row], spent] = await db.batch([
    readMonth(db, tenantId, { projectId, runId: 0 }, { month, atMs, callId: "" }),
    listMonths(db, tenantId, projectId, months),
  ]);
  if (row === undefined) throw new ServiceError("not_found", "There is no such project.");
  const unpricedSinceSet = Math.max(0, row.unpricedCalls - row.unpricedAccepted);
  const { limitMicros, reservedMicros, runLimits, spentMicros, unpricedCalls } = row;
  return {
    projectId: String(projectId),
    monthBudgetMicros: limitMicros,
    runLimits,
    now: {
      month,
      spentMicros,
      unpricedCalls,
      reservedMicros,
      unpricedSinceSet,
      state: monthState({ limitMicros, spentMicros, unpricedCalls: unpricedSinceSet }),
      // Months count from 0 here, so this is the first moment of the next one.
      endsAtMs: Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7))),
    },
    months: months.map(
      (name) => spent.find((each) => each.month === name) ?? { month: name, spentMicros: 0, unpricedCalls: 0 },
    ),
  };
}

/** Sets a project's budget for the month, its runs' limits or both. `pm` and above. */
export async function setProjectBudget(
  context: ServiceContext,
  projectId: number,
  { monthBudgetMicros, runLimits }: SetProjectBudget,
): Promise<ProjectBudget> {
  requireRole(context, "pm");
  const { db, tenantId } = context;
  if (!(await projectExists(db, tenantId, projectId))) throw new ServiceError("not_found", "There is no such project.");
  const atMs = context.now();
  const change = {
    ...(monthBudgetMicros === undefined ? {} : { monthBudgetMicros }),
    ...(runLimits === undefined ? {} : { runLimits }),
  };
  await db.batch([
    setBudget(db, tenantId, projectId, change),
    ...(monthBudgetMicros === undefined ? [] : [beginAnew(db, tenantId, projectId, utcMonth(atMs))]),
    recordAudit(
      db,
      { ...context, atMs },
      { action: "project.budget_set", subject: `project:${projectId}`, data: change },
    ),
  ]);
  return getProjectBudget(context, projectId);
}
