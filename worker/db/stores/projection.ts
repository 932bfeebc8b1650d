import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { RunRow } from "../../../domain/run/projection-check.ts";
import type { RunPlace, RunRowOrigin } from "../../ports/run-host.ts";
import type { Database } from "../client.ts";
import { run, runNumber, ticket } from "../schema/index.ts";
import { pullsDue } from "./open-pulls.ts";

/** The columns of a run's row that its events determine. */
const columns = {
  state: run.state,
  stage: run.stage,
  baseCommit: run.baseCommit,
  cause: run.cause,
  prNumber: run.prNumber,
  prUrl: run.prUrl,
  prBranch: run.prBranch,
  prCommit: run.prCommit,
  prState: run.prState,
  hasOpenPulls: run.hasOpenPulls,
  costMicros: run.costMicros,
  inputTokens: run.inputTokens,
  outputTokens: run.outputTokens,
  headSeq: run.headSeq,
  updatedAtMs: run.updatedAtMs,
  finishedAtMs: run.finishedAtMs,
  lanes: run.lanes,
  searchText: run.searchText,
  title: run.title,
  mode: run.mode,
  prompt: run.prompt,
  provider: run.provider,
  model: run.model,
  effort: run.effort,
};

/** Numbers of runs behind `after`, in order, over all tenants. A run whose row is missing is among them, and so is a number without a run. */
export async function listRunIds(db: Database, after: number, limit: number): Promise<readonly number[]> {
  const rows = await db
    .select({ id: runNumber.id })
    .from(runNumber)
    .where(gt(runNumber.id, after))
    .orderBy(asc(runNumber.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/**
 * Writes a run's whole row, the first time. Where the row is there already it is brought up to this event's number like by any later
 * write, so that a write whose reply was lost may be repeated. A ticket that was deleted meanwhile is left out.
 */
export async function writeFirstRow(db: Database, place: RunPlace, origin: RunRowOrigin, row: RunRow): Promise<void> {
  const { id, projectId, tenantId } = place;
  const ticketId =
    origin.ticketId === null
      ? null
      : sql`(select ${ticket.id} from ${ticket} where ${ticket.id} = ${origin.ticketId} and ${ticket.tenantId} = ${tenantId})`;
  await db
    .insert(run)
    .values({ ...origin, ...row, ...pullsDue(row), id, tenantId, projectId, ticketId, dispatchedAtMs: row.updatedAtMs })
    .onConflictDoUpdate({
      target: run.id,
      set: { ...row, ...pullsDue(row) },
      setWhere: sql`${run.tenantId} = ${tenantId} and ${run.headSeq} < ${row.headSeq}`,
    });
}

/** A run's row as its events would make it; undefined when there is none. */
export async function findRunRow(db: Database, tenantId: number, id: number): Promise<RunRow | undefined> {
  const rows = await db
    .select(columns)
    .from(run)
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  return rows[0];
}

/** Overwrites a run's row without a check of its version. Only the run's own object may: it knows that no newer write is under way. */
export async function rewriteRunRow(db: Database, tenantId: number, id: number, row: RunRow): Promise<void> {
  await db
    .update(run)
    .set(row)
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)));
}

/** Makes the full-text index anew from the rows. https://www.sqlite.org/fts5.html#the_rebuild_command */
export async function rebuildRunSearch(db: Database): Promise<void> {
  await db.run(sql`insert into run_search (run_search) values ('rebuild')`);
}
