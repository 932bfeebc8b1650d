import type { Run } from "../../../contracts/run.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { findRun, listRuns, runExists, type RunFilter } from "../../db/stores/run.ts";
import { ServiceError } from "../../errors.ts";
import { runView } from "./run-view.ts";

/** One run of the tenant, or `not_found`. `run.read`. */
export async function getRun(deps: Pick<ServiceDeps, "db">, scope: Scope, id: number): Promise<Run> {
  requirePermission(scope, "run.read");
  const row = await findRun(deps.db, scope.tenantId, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such run.");
  return runView(row);
}

/** Throws `not_found` unless the run is the tenant's. A run's host is asked only after this. `run.read`. */
export async function requireRun(deps: Pick<ServiceDeps, "db">, scope: Scope, id: number): Promise<void> {
  requirePermission(scope, "run.read");
  if (!(await runExists(deps.db, scope.tenantId, id))) throw new ServiceError("not_found", "There is no such run.");
}

/** A page of the tenant's runs, newest first. `run.read`. */
export async function getRuns(
  deps: Pick<ServiceDeps, "db">,
  scope: Scope,
  filter: Omit<RunFilter, "limit"> & { readonly limit: number },
): Promise<{ items: Run[]; nextCursor: string | null }> {
  requirePermission(scope, "run.read");
  const rows = await listRuns(deps.db, scope.tenantId, { ...filter, limit: filter.limit + 1 });
  const items = rows.slice(0, filter.limit).map(runView);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > filter.limit && last !== undefined ? last.id : null };
}
