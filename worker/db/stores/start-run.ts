import { and, asc, eq, inArray, isNull, sql, type SQL } from "drizzle-orm";
import { maxRunRepositories } from "../../../contracts/lane.ts";
import type { Database } from "../client.ts";
import { connector, project, projectRepository, repository, run, runNumber, ticket, user } from "../schema/index.ts";
import { notHiddenFrom, type Viewer } from "./visibility.ts";

/** A tenant's id, or an expression for it in a batch that finds the tenant itself. */
export type TenantId = number | SQL<number>;

const startRepository = {
  id: repository.id,
  owner: repository.owner,
  name: repository.name,
  installationId: connector.installationId,
  externalId: repository.externalId,
  defaultBranch: repository.defaultBranch,
  dependsOn: projectRepository.dependsOn,
  // In a batch D1 answers rows by the names of their columns, so no two may be the same.
  testCommand: sql<string | null>`${projectRepository.testCommand}`.as("repository_test_command"),
};
const startProject = {
  key: project.key,
  testCommand: project.testCommand,
  runLimits: project.runLimits,
  delivery: project.delivery,
  sandboxSettings: project.sandboxSettings,
  archivedAtMs: project.archivedAtMs,
};
const startTicket = {
  id: ticket.id,
  number: ticket.number,
  ticketVersion: ticket.version,
  title: ticket.title,
  description: ticket.description,
  acceptanceCriteria: ticket.acceptanceCriteria,
};

/**
 * A project's live repositories of these ids, or all of them for null, each with the project, as a run's start needs both: the
 * primary repository first. Without those that the forge hides from the viewer. At most one more than a run may have.
 */
export function selectProjectRepositories(
  db: Database,
  tenantId: TenantId,
  viewer: Viewer,
  projectId: number,
  repositoryIds: readonly number[] | null,
) {
  return db
    .select({ repository: startRepository, project: startProject })
    .from(repository)
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .innerJoin(projectRepository, eq(projectRepository.repositoryId, repository.id))
    .innerJoin(project, eq(project.id, projectRepository.projectId))
    .where(
      and(
        eq(repository.tenantId, tenantId),
        eq(project.tenantId, tenantId),
        eq(project.id, projectId),
        repositoryIds === null ? undefined : inArray(repository.id, [...repositoryIds]),
        isNull(repository.removedAtMs),
        notHiddenFrom(viewer),
      ),
    )
    .orderBy(asc(projectRepository.role), asc(repository.id))
    .limit(maxRunRepositories + 1);
}

/** A repository with what a run's start needs of it. */
export type StartRepository = Awaited<ReturnType<typeof selectProjectRepositories>>[number]["repository"];

/** A project's ticket with what a run's start needs of it. At most one row; none for the id 0. */
export function selectStartTicket(db: Database, tenantId: TenantId, projectId: number, id: number) {
  return db
    .select(startTicket)
    .from(ticket)
    .where(
      and(
        eq(ticket.tenantId, tenantId),
        eq(ticket.projectId, projectId),
        eq(ticket.id, id),
        isNull(ticket.deletedAtMs),
      ),
    )
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
  viewer: Viewer,
  wanted: {
    readonly projectId: number;
    /** Null: any repository of the project. */
    readonly repositoryIds: readonly number[] | null;
    readonly idempotencyKey: string | null;
  },
  guard: SQL,
  atMs: number,
) {
  const { idempotencyKey, projectId, repositoryIds } = wanted;
  const named =
    repositoryIds === null
      ? sql`true`
      : sql`pr.repository_id in (select value from json_each(${JSON.stringify(repositoryIds)}))`;
  return db
    .insert(runNumber)
    .select(
      sql`select null, pr.tenant_id, ${idempotencyKey}, ${atMs} from ${projectRepository} as pr
        join ${repository} on ${repository.id} = pr.repository_id and ${repository.tenantId} = pr.tenant_id
          and ${repository.removedAtMs} is null and ${notHiddenFrom(viewer)}
        where pr.tenant_id = ${tenantId} and pr.project_id = ${projectId} and ${named} and ${guard} limit 1`,
    )
    .onConflictDoUpdate({
      target: [runNumber.tenantId, runNumber.idempotencyKey],
      set: { takenAtMs: sql`${runNumber.takenAtMs}` },
    })
    .returning({ id: runNumber.id, takenAtMs: runNumber.takenAtMs });
}

/** A run's row as it is written first. */
export type RunRecord = typeof run.$inferSelect;

/** Everything that a run is started with, as its host needs it; undefined when there is no such run, or a repository of it is gone. */
export async function findRunStart(db: Database, tenantId: number, id: number): Promise<RunStartRow | undefined> {
  const [row] = await db
    .select({
      run,
      project: startProject,
      ticket: startTicket,
      starter: { name: user.name, image: user.image },
    })
    .from(run)
    .innerJoin(project, eq(project.id, run.projectId))
    .leftJoin(user, eq(user.id, run.startedBy))
    .leftJoin(ticket, eq(ticket.id, run.ticketId))
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)))
    .limit(1);
  if (row === undefined) return undefined;
  const ids = row.run.options?.repositoryIds ?? [row.run.repositoryId];
  const found = await selectProjectRepositories(db, tenantId, null, row.run.projectId, ids);
  const repositories = inOrder(
    found.map(({ repository: each }) => each),
    ids,
  );
  return repositories.length < ids.length ? undefined : { ...row, repositories };
}

/** Repositories in the order of their ids; those that are not there are left out. */
export function inOrder(repositories: readonly StartRepository[], ids: readonly number[]): readonly StartRepository[] {
  return ids.flatMap((id) => repositories.find((each) => each.id === id) ?? []);
}

/** A run that is to be started, with everything that its host needs. */
export interface RunStartRow {
  readonly run: RunRecord;
  /** At least one, in the order in which they were named. */
  readonly repositories: readonly StartRepository[];
  readonly project: Awaited<ReturnType<typeof selectProjectRepositories>>[number]["project"];
  readonly ticket: Awaited<ReturnType<typeof selectStartTicket>>[number] | null;
  readonly starter: { readonly name: string; readonly image: string | null } | null;
}
