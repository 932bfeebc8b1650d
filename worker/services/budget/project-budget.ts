import type { ProjectBudget, SetProjectBudget } from "../../../contracts/budget.ts";
import { monthsUpTo } from "../../../domain/budget/calendar.ts";
import { monthState } from "../../../domain/budget/month.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { findBudget } from "../../db/stores/budget.ts";
import { ServiceError } from "../../errors.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import { boardCaller } from "../board/write-board.ts";
import { requireOpenProject } from "../project/require-open.ts";

const monthsShown = 12;

/** A project's budget and what its runs spent in the last twelve months, or `not_found`. `budget.read`. */
export async function getProjectBudget(deps: ServiceDeps, scope: Scope, projectId: number): Promise<ProjectBudget> {
  requirePermission(scope, "budget.read");
  return readBudget(deps, { tenantId: scope.tenantId, projectId });
}

async function readBudget(deps: ServiceDeps, place: BoardPlace): Promise<ProjectBudget> {
  const atMs = deps.now();
  const [figures, [stored]] = await Promise.all([deps.budgets.read(place, atMs), findBudget(deps.db, place)]);
  if (figures === undefined || stored === undefined) throw noProject();
  const { limitMicros, month, reservedMicros, spentMicros, unpricedCalls: unpricedSinceSet } = figures.now;
  const months = monthsUpTo(month, monthsShown).map(
    (name) => figures.months.find((each) => each.month === name) ?? { month: name, spentMicros: 0, unpricedCalls: 0 },
  );
  return {
    projectId: String(place.projectId),
    monthBudgetMicros: limitMicros,
    runLimits: stored.runLimits,
    now: {
      month,
      spentMicros,
      unpricedCalls: months[0]?.unpricedCalls ?? 0,
      reservedMicros,
      unpricedSinceSet,
      state: monthState(figures.now),
      // Months count from 0 here, so this is the first moment of the next one.
      endsAtMs: Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7))),
    },
    months,
  };
}

/** Sets a project's budget for the month, its runs' limits or both; the next call of a run is decided by it. `budget.update`. `conflict` for an archived project. */
export async function setProjectBudget(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  { monthBudgetMicros, runLimits }: SetProjectBudget,
): Promise<ProjectBudget> {
  requirePermission(scope, "budget.update");
  const place = { tenantId: scope.tenantId, projectId };
  await requireOpenProject(deps, scope, projectId);
  const change = {
    ...(monthBudgetMicros === undefined ? {} : { monthBudgetMicros }),
    ...(runLimits === undefined ? {} : { runLimits }),
  };
  if (!(await deps.budgets.set(place, boardCaller(scope), change, deps.now()))) throw noProject();
  return readBudget(deps, place);
}

function noProject(): ServiceError {
  return new ServiceError("not_found", "There is no such project.");
}
