import { and, desc, eq, gt, inArray, isNull, lt, notInArray, or, sql } from "drizzle-orm";
import { finalStates, type RunState } from "../../../contracts/run.ts";
import type { ProjectionWrite } from "../../../domain/run/projection.ts";
import { runOfBranch } from "../../../domain/patch-set/branch-name.ts";
import type { Database } from "../client.ts";
import { matchQuery } from "../full-text.ts";
import { connector, repository, run, runNumber, user } from "../schema/index.ts";
import { pullsDue } from "./open-pulls.ts";
import type { TenantId } from "./start-run.ts";

function selectRuns(db: Database) {
  return db
    .select({
      run,
      // In a batch D1 answers rows by the names of their columns, so no two may be the same.
      repository: { owner: repository.owner, name: sql<string>`${repository.name}`.as("repository_name") },
      starter: { name: user.name, image: user.image },
    })
    .from(run)
    .innerJoin(repository, eq(repository.id, run.repositoryId))
    .leftJoin(user, eq(user.id, run.startedBy))
    .$dynamic();
}

/** One row of `selectRun` or `listRuns`. */
export type RunRow = Awaited<ReturnType<typeof listRuns>>[number];

/** One run of the tenant: at most one row. */
export function selectRun(db: Database, tenantId: TenantId, id: number) {
  return selectRuns(db)
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
}

/** Whether the tenant has this run: one row says whether the run's row is written. Without it the run is new, or was never started. */
export function selectRunNumber(db: Database, tenantId: TenantId, id: number) {
  return db
    .select({ hasRow: sql<number>`${run.id} is not null`.as("has_row") })
    .from(runNumber)
    .leftJoin(run, eq(run.id, runNumber.id))
    .where(and(eq(runNumber.tenantId, tenantId), eq(runNumber.id, id)))
    .limit(1);
}

/** Numbers that are looked through for runs without a row, and how many of them are asked for. */
const newNumbers = { looked: 100, asked: 10 } as const;

/** Numbers of the tenant that were taken since `sinceMs` and have no row yet, newest first: runs that are new or never started. */
export function selectRunsWithoutRow(db: Database, tenantId: number, sinceMs: number) {
  return db
    .select({ id: runNumber.id })
    .from(runNumber)
    .where(
      and(
        // Keeps the search to the table's end.
        sql`${runNumber.id} > (select max(id) from ${runNumber}) - ${newNumbers.looked}`,
        eq(runNumber.tenantId, tenantId),
        gt(runNumber.takenAtMs, sinceMs),
        sql`not exists (select 1 from ${run} where ${run.id} = ${runNumber.id})`,
      ),
    )
    .orderBy(desc(runNumber.id))
    .limit(newNumbers.asked);
}

/** The run that a client's own key started, if it did: at most one row, none without a key. */
export function selectRunByKey(db: Database, tenantId: TenantId, idempotencyKey: string | null) {
  return selectRuns(db)
    .where(and(eq(run.tenantId, tenantId), eq(run.idempotencyKey, idempotencyKey ?? sql`null`)))
    .limit(1);
}

const waitingStates: readonly RunState[] = ["WAITING_APPROVAL", "BLOCKED_POLICY", "NEEDS_HUMAN"];

/** Which runs a list shows. `before` is the id that a page starts under. */
export interface RunFilter {
  readonly projectId: number | undefined;
  readonly ticketId?: number | undefined;
  readonly state: "active" | "waiting" | "final" | undefined;
  readonly before: number | undefined;
  /** Full text over title, prompt and messages: every word must occur, parts of words count. At least 3 characters. */
  readonly text: string | undefined;
  readonly limit: number;
}

/** Runs of the tenant, newest first. */
export function listRuns(db: Database, tenantId: number, filter: RunFilter) {
  const byState =
    filter.state === undefined
      ? undefined
      : filter.state === "final"
        ? inArray(run.state, [...finalStates])
        : filter.state === "waiting"
          ? inArray(run.state, [...waitingStates])
          : and(isNull(run.finishedAtMs), sql`${run.state} not in ${waitingStates}`);
  return selectRuns(db)
    .where(
      and(
        eq(run.tenantId, tenantId),
        filter.projectId === undefined ? undefined : eq(run.projectId, filter.projectId),
        filter.ticketId === undefined ? undefined : eq(run.ticketId, filter.ticketId),
        filter.before === undefined ? undefined : lt(run.id, filter.before),
        byState,
        filter.text === undefined
          ? undefined
          : sql`${run.id} in (select rowid from run_search where run_search match ${matchQuery(filter.text)})`,
      ),
    )
    .orderBy(desc(run.id))
    .limit(filter.limit);
}

/** The ticket that a run works on; null without one. */
export async function findRunTicket(db: Database, tenantId: number, id: number): Promise<number | null> {
  const rows = await db
    .select({ ticketId: run.ticketId })
    .from(run)
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  return rows[0]?.ticketId ?? null;
}

/**
 * Brings the read model up to an event's number; an older projection that comes late changes nothing. The first one
 * records that the host took the run. Throws while the run has no row: in older runs their object
 * may have been told before the row was written.
 */
export async function applyProjection(
  db: Database,
  tenantId: number,
  id: number,
  projection: ProjectionWrite,
): Promise<void> {
  const [, known] = await db.batch([
    db
      .update(run)
      .set({
        ...projection,
        ...pullsDue(projection),
        dispatchedAtMs: sql`coalesce(${run.dispatchedAtMs}, ${projection.updatedAtMs})`,
      })
      .where(and(eq(run.tenantId, tenantId), eq(run.id, id), lt(run.headSeq, projection.headSeq))),
    db
      .select({ id: run.id })
      .from(run)
      .where(and(eq(run.tenantId, tenantId), eq(run.id, id))),
  ]);
  if (known.length === 0) throw new Error(`run ${id} has no row yet`);
}

/**
 * Unfinished runs whose row has not changed since `beforeMs`, oldest first, for the sweep to wake. Over all tenants. A run that waits for a
 * person sleeps until that person acts.
 */
export function listStaleRuns(db: Database, beforeMs: number, limit: number) {
  return db
    .select({ id: run.id, tenantId: run.tenantId })
    .from(run)
    .where(and(isNull(run.finishedAtMs), lt(run.updatedAtMs, beforeMs), notInArray(run.state, [...waitingStates])))
    .orderBy(run.updatedAtMs)
    .limit(limit);
}

/** The head of a run's pull request: its commit, or its branch. */
export type RunHead = { readonly commit: string } | { readonly branch: string };

/** Unfinished runs that watch the pull request with this head, in whichever tenant the repository is connected. */
export function listRunsOfHead(
  db: Database,
  source: { readonly installationId: string; readonly externalId: string },
  head: RunHead,
) {
  const inLanes = "commit" in head ? head.commit : `"branch":${JSON.stringify(head.branch)}`;
  return db
    .select({ id: run.id, tenantId: run.tenantId })
    .from(run)
    .innerJoin(repository, eq(repository.tenantId, run.tenantId))
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .where(
      and(
        eq(connector.installationId, source.installationId),
        eq(repository.externalId, source.externalId),
        // A run over several repositories has its other pull requests in its lanes; only unfinished runs are looked through.
        or(
          "commit" in head ? eq(run.prCommit, head.commit) : eq(run.prBranch, head.branch),
          sql`instr(${run.lanes}, ${inLanes}) > 0`,
        ),
        isNull(run.finishedAtMs),
      ),
    )
    .limit(50);
}

/**
 * The runs, ended or not, whose pull request has this head branch. A run's branch has the run's number in its name, so that of a run over
 * several repositories each pull request finds it.
 */
export function listRunsOfBranch(
  db: Database,
  source: { readonly installationId: string; readonly externalId: string },
  branch: string,
) {
  return db
    .select({ id: run.id, tenantId: run.tenantId })
    .from(run)
    .innerJoin(repository, eq(repository.tenantId, run.tenantId))
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .where(
      and(
        eq(connector.installationId, source.installationId),
        eq(repository.externalId, source.externalId),
        or(
          and(eq(run.repositoryId, repository.id), eq(run.prBranch, branch)),
          and(
            eq(run.id, runOfBranch(branch) ?? sql`null`),
            sql`instr(${run.lanes}, ${`"branch":${JSON.stringify(branch)}`}) > 0`,
          ),
        ),
      ),
    )
    .limit(50);
}
