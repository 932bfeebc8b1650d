import { isFinal, type Run } from "../../../contracts/run.ts";
import { parseStored } from "../../../domain/parse-stored.ts";
import type { RunProjection } from "../../../domain/run/projection.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import {
  listRuns,
  selectRun,
  selectRunNumber,
  selectRunsWithoutRow,
  type RunFilter,
  type RunRow,
} from "../../db/stores/run.ts";
import { membershipOf, selectSession, sessionOf } from "../../db/stores/session.ts";
import { ServiceError } from "../../errors.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import { systemCaller } from "../../ports/run-host.ts";
import { findStartedRun } from "./known-run.ts";
import { runView } from "./run-view.ts";

type RunReads = Pick<ServiceDeps, "db" | "runs" | "log">;

const caller = systemCaller("read");
/** A start is answered before its row is written: numbers of this time are looked through for runs without one. */
const newMs = 60_000;

/** The rows of D1 that a read of one run begins with: the run's own, and its number. */
export interface RunRows {
  readonly rows: Awaited<ReturnType<typeof selectRun>>;
  readonly numbers: Awaited<ReturnType<typeof selectRunNumber>>;
}

/** Reads the session of a token, and the rows of a run in the tenant of that session. One batch; the rows are none without a session. */
export async function readRunOfSession(
  { db, now }: Pick<ServiceDeps, "db" | "now">,
  token: string,
  id: number,
): Promise<RunRows & { readonly session: IdentitySession | undefined }> {
  const nowMs = now();
  const tenantId = membershipOf("organization_id", token, nowMs);
  const [session, rows, numbers] = await db.batch([
    selectSession(db, token, nowMs),
    selectRun(db, tenantId, id),
    selectRunNumber(db, tenantId, id),
  ]);
  return { session: sessionOf(session), rows, numbers };
}

/**
 * One run of the tenant, or `not_found`. `run.read`. The row follows the run by a moment, so a run that has not ended is read from its
 * object: a reader who has seen an event on the socket never reads a state from before it.
 *
 * @param read the rows where the scope's session was read together with them
 */
export async function getRun(deps: RunReads, scope: Scope, id: number, read?: RunRows): Promise<Run> {
  const row = await readRow(deps, scope, id, read);
  if (isFinal(row.run.state)) return runView(row);
  return runView({ ...row, run: { ...row.run, ...(await readCurrent(deps, id)) } });
}

/** One run of the tenant as its row has it, which follows the run by a moment; or `not_found`. `run.read`. */
export async function getStoredRun(deps: RunReads, scope: Scope, id: number): Promise<Run> {
  return runView(await readRow(deps, scope, id));
}

async function readRow(deps: RunReads, scope: Scope, id: number, read?: RunRows): Promise<RunRow> {
  requirePermission(scope, "run.read");
  const { numbers, rows } = read ?? (await readRows(deps, scope, id));
  const row = rows[0] ?? (numbers.length === 0 ? undefined : await findNewRun(deps, scope, id));
  if (row === undefined) throw notFound();
  return row;
}

async function readRows({ db }: RunReads, { tenantId }: Scope, id: number): Promise<RunRows> {
  const [rows, numbers] = await db.batch([selectRun(db, tenantId, id), selectRunNumber(db, tenantId, id)]);
  return { rows, numbers };
}

/** The row's columns as the run's object has them now; none when the object does not answer or was never started. */
async function readCurrent({ log, runs }: RunReads, id: number): Promise<Partial<RunProjection>> {
  try {
    const answer = await runs.read(id, { kind: "row" });
    return typeof answer === "string" ? parseStored<RunProjection>(answer) : {};
  } catch (error) {
    log("warn", "a run is read from its row", { runId: String(id), detail: String(error) });
    return {};
  }
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
