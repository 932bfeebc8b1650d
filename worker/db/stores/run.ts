import { and, desc, eq, inArray, isNull, lt, notInArray, sql } from "drizzle-orm";
import { finalStates, type RunState } from "../../../contracts/run.ts";
import type { ProjectionWrite } from "../../../domain/run/projection.ts";
import type { Database } from "../client.ts";
import { connector, project, projectRepository, repository, run, ticket, user } from "../schema/index.ts";

function selectRuns(db: Database) {
  return db
    .select({
      run,
      repository: { owner: repository.owner, name: repository.name },
      startedBy: { id: user.id, name: user.name, image: user.image },
    })
    .from(run)
    .innerJoin(repository, eq(repository.id, run.repositoryId))
    .innerJoin(user, eq(user.id, run.startedBy))
    .$dynamic();
}

/** One row of `findRun` or `listRuns`. */
export type RunRow = Awaited<ReturnType<typeof listRuns>>[number];

/** One run of the tenant. */
export async function findRun(db: Database, tenantId: number, id: number): Promise<RunRow | undefined> {
  const rows = await selectRuns(db)
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  return rows[0];
}

/** Whether the tenant has this run. */
export async function runExists(db: Database, tenantId: number, id: number): Promise<boolean> {
  const rows = await db
    .select({ id: run.id })
    .from(run)
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  return rows.length === 1;
}

/** The run that a client's own key started, if it did. */
export async function findRunByKey(
  db: Database,
  tenantId: number,
  idempotencyKey: string,
): Promise<RunRow | undefined> {
  const rows = await selectRuns(db)
    .where(and(eq(run.tenantId, tenantId), eq(run.idempotencyKey, idempotencyKey)))
    .limit(1);
  return rows[0];
}

const waitingStates: readonly RunState[] = ["WAITING_APPROVAL", "BLOCKED_POLICY", "NEEDS_HUMAN"];

/** Which runs a list shows. `before` is the id that a page starts under. */
export interface RunFilter {
  readonly projectId: number | undefined;
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

/** Words as FTS5 phrases, so that no character of theirs is an operator. Shorter words than a trigram can't be found alone. */
function matchQuery(text: string): string {
  const words = text.split(/\s+/u).filter((word) => word.length >= 3);
  return (words.length === 0 ? [text] : words).map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
}

/** Makes a run's row; the batch fails with a unique violation when the client's key has one. */
export function insertRun(db: Database, row: typeof run.$inferInsert) {
  return db.insert(run).values(row).returning();
}

/**
 * Brings the read model up to an event's number; an older projection that comes late changes nothing. The first one is what
 * tells that its host took the run.
 */
export async function applyProjection(
  db: Database,
  tenantId: number,
  id: number,
  projection: ProjectionWrite,
): Promise<void> {
  await db
    .update(run)
    .set({ ...projection, dispatchedAtMs: sql`coalesce(${run.dispatchedAtMs}, ${projection.updatedAtMs})` })
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id), lt(run.headSeq, projection.headSeq)));
}

const startRepository = {
  id: repository.id,
  owner: repository.owner,
  name: repository.name,
  installationId: connector.installationId,
};
const startProject = { key: project.key, testCommand: project.testCommand };
const startTicket = {
  id: ticket.id,
  number: ticket.number,
  title: ticket.title,
  description: ticket.description,
  acceptanceCriteria: ticket.acceptanceCriteria,
};

/** Everything that a run is started with, as its host needs it. */
export async function findRunStart(db: Database, tenantId: number, id: number) {
  const rows = await db
    .select({
      run,
      repository: startRepository,
      project: startProject,
      ticket: startTicket,
      startedBy: { id: user.id, name: user.name, image: user.image },
    })
    .from(run)
    .innerJoin(repository, eq(repository.id, run.repositoryId))
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .innerJoin(project, eq(project.id, run.projectId))
    .innerJoin(user, eq(user.id, run.startedBy))
    .leftJoin(ticket, eq(ticket.id, run.ticketId))
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  return rows[0];
}

/** The row of `findRunStart`. */
export type RunStartRow = NonNullable<Awaited<ReturnType<typeof findRunStart>>>;

/** A project's live repository, and the project, with what a run's start needs of both. */
export async function findProjectRepository(db: Database, tenantId: number, projectId: number, repositoryId: number) {
  const rows = await db
    .select({
      repository: startRepository,
      project: startProject,
      defaultBranch: repository.defaultBranch,
      runLimits: project.runLimits,
    })
    .from(repository)
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .innerJoin(projectRepository, eq(projectRepository.repositoryId, repository.id))
    .innerJoin(project, eq(project.id, projectRepository.projectId))
    .where(
      and(
        eq(repository.tenantId, tenantId),
        eq(project.tenantId, tenantId),
        eq(project.id, projectId),
        eq(repository.id, repositoryId),
        isNull(repository.removedAtMs),
      ),
    )
    .limit(1);
  return rows[0];
}

/** A project's ticket with what a run's start needs of it. */
export async function findStartTicket(db: Database, tenantId: number, projectId: number, id: number) {
  const rows = await db
    .select(startTicket)
    .from(ticket)
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId), eq(ticket.id, id)))
    .limit(1);
  return rows[0];
}

/**
 * Unfinished runs whose row has not changed since `beforeMs`, oldest first: what a sweep wakes. Over all tenants. A run that waits for a
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

/** Unfinished runs that watch this commit's pull request, in whichever tenant the repository is connected. */
export function listRunsOfCommit(
  db: Database,
  source: { readonly installationId: string; readonly externalId: string },
  commit: string,
) {
  return db
    .select({ id: run.id, tenantId: run.tenantId })
    .from(run)
    .innerJoin(repository, eq(repository.id, run.repositoryId))
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .where(
      and(
        eq(connector.installationId, source.installationId),
        eq(repository.externalId, source.externalId),
        eq(run.prCommit, commit),
        isNull(run.finishedAtMs),
      ),
    )
    .limit(50);
}
