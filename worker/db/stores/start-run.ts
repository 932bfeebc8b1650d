import { and, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { connector, project, projectRepository, repository, run, runNumber, ticket, user } from "../schema/index.ts";

/** A tenant's id, or an expression for it in a batch that finds the tenant itself. */
export type TenantId = number | SQL<number>;

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

/** A project's live repository, and the project, with what a run's start needs of both. At most one row. */
export function selectProjectRepository(db: Database, tenantId: TenantId, projectId: number, repositoryId: number) {
  return db
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
}

/** A project's ticket with what a run's start needs of it. At most one row; none for the id 0. */
export function selectStartTicket(db: Database, tenantId: TenantId, projectId: number, id: number) {
  return db
    .select(startTicket)
    .from(ticket)
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId), eq(ticket.id, id)))
    .limit(1);
}

/**
 * Takes the next run's number in the tenant, or finds the one that the client's key took before. No row when `guard` does not hold or the
 * project has no such live repository: a start that is refused for that takes no number.
 *
 * @param atMs UTC milliseconds
 */
export function takeRunNumber(
  db: Database,
  tenantId: TenantId,
  wanted: { readonly projectId: number; readonly repositoryId: number; readonly idempotencyKey: string | null },
  guard: SQL,
  atMs: number,
) {
  const { idempotencyKey, projectId, repositoryId } = wanted;
  return db
    .insert(runNumber)
    .select(
      sql`select null, pr.tenant_id, ${idempotencyKey}, ${atMs} from ${projectRepository} as pr
        join ${repository} as r on r.id = pr.repository_id and r.tenant_id = pr.tenant_id and r.removed_at_ms is null
        where pr.tenant_id = ${tenantId} and pr.project_id = ${projectId} and pr.repository_id = ${repositoryId} and ${guard}`,
    )
    .onConflictDoUpdate({
      target: [runNumber.tenantId, runNumber.idempotencyKey],
      set: { takenAtMs: sql`${runNumber.takenAtMs}` },
    })
    .returning({ id: runNumber.id });
}

/** A run's row as it is written first. */
export type RunRecord = typeof run.$inferSelect;

/** Makes a run's row and answers its id; nothing happens, and no row comes back, when the run's number has one. */
export function insertRun(db: Database, row: RunRecord) {
  return db.insert(run).values(row).onConflictDoNothing().returning({ id: run.id });
}

/** Everything that a run is started with, as its host needs it. */
export async function findRunStart(db: Database, tenantId: number, id: number) {
  const rows = await db
    .select({
      run,
      repository: startRepository,
      project: startProject,
      ticket: startTicket,
      starter: { name: user.name, image: user.image },
    })
    .from(run)
    .innerJoin(repository, eq(repository.id, run.repositoryId))
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .innerJoin(project, eq(project.id, run.projectId))
    .leftJoin(user, eq(user.id, run.startedBy))
    .leftJoin(ticket, eq(ticket.id, run.ticketId))
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  return rows[0];
}

/** The row of `findRunStart`. */
export type RunStartRow = NonNullable<Awaited<ReturnType<typeof findRunStart>>>;
