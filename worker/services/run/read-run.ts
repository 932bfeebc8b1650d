import type { Run } from "../../../contracts/run.ts";
import type { ServiceContext } from "../../context.ts";
import { findRun, listRuns, runExists, type RunFilter } from "../../db/stores/run.ts";
import { ServiceError } from "../../errors.ts";
import { runView } from "./run-view.ts";

/** One run of the tenant, or `not_found`. */
export async function getRun(context: ServiceContext, id: number): Promise<Run> {
  const row = await findRun(context.db, context.tenantId, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such run.");
  return runView(row);
}

/** Throws `not_found` unless the run is the tenant's. What a run's host answers is asked for only after this. */
export async function requireRun(context: ServiceContext, id: number): Promise<void> {
  if (!(await runExists(context.db, context.tenantId, id)))
    throw new ServiceError("not_found", "There is no such run.");
}

/** A page of the tenant's runs, newest first. */
export async function getRuns(
  context: ServiceContext,
  filter: Omit<RunFilter, "limit"> & { readonly limit: number },
): Promise<{ items: Run[]; nextCursor: string | null }> {
  const rows = await listRuns(context.db, context.tenantId, { ...filter, limit: filter.limit + 1 });
  const items = rows.slice(0, filter.limit).map(runView);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > filter.limit && last !== undefined ? last.id : null };
}
