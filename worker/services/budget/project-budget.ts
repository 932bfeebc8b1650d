import type { ProjectBudget, SetProjectBudget } from "../../../contracts/budget.ts";
import { monthsUpTo, utcMonth } from "../../../domain/budget/calendar.ts";
import { monthState } from "../../../domain/budget/month.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { beginAnew, listMonths, readMonth, setBudget } from "../../db/stores/budget.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { projectExists } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";

const monthsShown = 12;

/** A project's budget and what its runs spent in the last twelve months, or `not_found`. `budget.read`. One batch. */
export async function getProjectBudget(deps: ServiceDeps, scope: Scope, projectId: number): Promise<ProjectBudget> {
  requirePermission(scope, "budget.read");
  return readBudget(deps, scope.tenantId, projectId);
}

async function readBudget(deps: ServiceDeps, tenantId: number, projectId: number): Promise<ProjectBudget> {
  const { db } = deps;
  const atMs = deps.now();
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

/** Sets a project's budget for the month, its runs' limits or both. `budget.update`. */
export async function setProjectBudget(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  { monthBudgetMicros, runLimits }: SetProjectBudget,
): Promise<ProjectBudget> {
  requirePermission(scope, "budget.update");
  const { db } = deps;
  const { tenantId } = scope;
  if (!(await projectExists(db, tenantId, projectId))) throw new ServiceError("not_found", "There is no such project.");
  const atMs = deps.now();
  const change = {
    ...(monthBudgetMicros === undefined ? {} : { monthBudgetMicros }),
    ...(runLimits === undefined ? {} : { runLimits }),
  };
  await db.batch([
    setBudget(db, tenantId, projectId, change),
    ...(monthBudgetMicros === undefined ? [] : [beginAnew(db, tenantId, projectId, utcMonth(atMs))]),
    recordAudit(db, { scope, atMs }, { action: "project.budget_set", subject: `project:${projectId}`, data: change }),
  ]);
  return readBudget(deps, tenantId, projectId);
}
