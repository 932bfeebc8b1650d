import type { Run } from "../../../contracts/run.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import {
  listRuns,
  selectRun,
  selectRunNumber,
  selectRunsWithoutRow,
  type RunFilter,
  type RunRow,
} from "../../db/stores/run.ts";
import { ServiceError } from "../../errors.ts";
import { systemCaller } from "../../ports/run-host.ts";
import { findStartedRun } from "./known-run.ts";
import { runView } from "./run-view.ts";

type RunReads = Pick<ServiceDeps, "db" | "runs">;

const caller = systemCaller("read");
/** A start is answered before its row is written: numbers of this time are looked through for runs without one. */
const newMs = 60_000;

/** One run of the tenant, or `not_found`. `run.read`. */
export async function getRun(deps: RunReads, scope: Scope, id: number): Promise<Run> {
  requirePermission(scope, "run.read");
  const [[found], known] = await deps.db.batch([
    selectRun(deps.db, scope.tenantId, id),
    selectRunNumber(deps.db, scope.tenantId, id),
  ]);
  const row = found ?? (known.length === 0 ? undefined : await findNewRun(deps, scope, id));
  if (row === undefined) throw notFound();
  return runView(row);
}

/** A run that was started a moment ago, whose row may still be on its way. `unavailable` while it can't be written. */
async function findNewRun(deps: RunReads, { tenantId }: Scope, id: number): Promise<RunRow | undefined> {
  try {
    return await findStartedRun(deps, tenantId, id);
  } catch {
    throw new ServiceError("unavailable", "The run was started a moment ago and can't be read yet. Try again.");
  }
}

function notFound(): ServiceError {
  return new ServiceError("not_found", "There is no such run.");
}

/**
 * Throws `not_found` unless the run is the tenant's and was started; its row need not be written yet. A run's host is asked only after
 * this. `run.read`.
 */
export async function requireRun(deps: Pick<ServiceDeps, "db" | "runs">, scope: Scope, id: number): Promise<void> {
  requirePermission(scope, "run.read");
  await requireStarted(deps, id, await selectRunNumber(deps.db, scope.tenantId, id));
}

/**
 * Throws `not_found` unless a run was started.
 *
 * @param found the row of `selectRunNumber`
 */
export async function requireStarted(
  { runs }: Pick<ServiceDeps, "runs">,
  id: number,
  [found]: Awaited<ReturnType<typeof selectRunNumber>>,
): Promise<void> {
  if (found?.hasRow === 1) return;
  if (found === undefined || !(await runs.command(id, caller, { kind: "wake" })).ok) throw notFound();
}

/** A page of the tenant's runs, newest first. The first page shows every run whose start was answered. `run.read`. */
export async function getRuns(
  deps: Pick<ServiceDeps, "db" | "runs" | "now" | "log">,
  scope: Scope,
  filter: Omit<RunFilter, "limit"> & { readonly limit: number },
): Promise<{ items: Run[]; nextCursor: string | null }> {
  requirePermission(scope, "run.read");
  const rows = await listWithNewRuns(deps, scope.tenantId, { ...filter, limit: filter.limit + 1 });
  const items = rows.slice(0, filter.limit).map(runView);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > filter.limit && last !== undefined ? last.id : null };
}

async function listWithNewRuns(
  { db, log, now, runs }: Pick<ServiceDeps, "db" | "runs" | "now" | "log">,
  tenantId: number,
  filter: RunFilter,
): Promise<readonly RunRow[]> {
  if (filter.before !== undefined) return listRuns(db, tenantId, filter);
  const [rows, withoutRow] = await db.batch([
    listRuns(db, tenantId, filter),
    selectRunsWithoutRow(db, tenantId, now() - newMs),
  ]);
  const written = await Promise.all(
    withoutRow.map(async ({ id }) => {
      try {
        return (await runs.command(id, caller, { kind: "write_row" })).ok;
      } catch (error) {
        log("warn", "a new run's row is not written", { runId: String(id), detail: String(error) });
        return false;
      }
    }),
  );
  return written.includes(true) ? listRuns(db, tenantId, filter) : rows;
}
