import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import type { Delivery } from "../../../contracts/run.ts";
import type { SandboxSettings } from "../../../contracts/sandbox.ts";
import type { Database, Statement } from "../client.ts";
import { project, projectRepository, repository } from "../schema/index.ts";
import { repositoryColumns } from "./connector.ts";
import { seenBy, type Viewer } from "./visibility.ts";

const projectColumns = {
  id: project.id,
  key: project.key,
  name: project.name,
  description: project.description,
  createdAtMs: project.createdAtMs,
  archivedAtMs: project.archivedAtMs,
  hasHadTickets: sql<number>`${project.nextTicketNumber} > 1`.mapWith(Boolean).as("has_had_tickets"),
};

function selectProjects(db: Database, tenantId: number, viewer: Viewer) {
  return db
    .select({ project: projectColumns, repository: repositoryColumns, isSeen: isSeen(viewer) })
    .from(project)
    .leftJoin(
      projectRepository,
      and(eq(projectRepository.projectId, project.id), eq(projectRepository.tenantId, tenantId)),
    )
    .leftJoin(repository, and(eq(repository.id, projectRepository.repositoryId), isNull(repository.removedAtMs)))
    .orderBy(asc(project.id), asc(projectRepository.role), asc(projectRepository.repositoryId))
    .$dynamic();
}

/** 1 in SQL for a row of `repository` that the viewer sees, 0 for another. */
function isSeen(viewer: Viewer) {
  return sql<number>`iif(${seenBy(viewer)}, 1, 0)`;
}

/** The tenant's projects after the id `after`, at most `limit` projects: one row for each repository, primary first. */
export function listProjects(db: Database, tenantId: number, viewer: Viewer, after: number, limit: number) {
  const page = db
    .select({ id: project.id })
    .from(project)
    .where(and(eq(project.tenantId, tenantId), gt(project.id, after)))
    .orderBy(asc(project.id))
    .limit(limit);
  return selectProjects(db, tenantId, viewer).where(and(eq(project.tenantId, tenantId), sql`${project.id} in ${page}`));
}

/** One project of the tenant: one row for each repository, primary first; no row when there is no such project. */
export function findProject(db: Database, tenantId: number, viewer: Viewer, id: number) {
  return selectProjects(db, tenantId, viewer).where(and(eq(project.tenantId, tenantId), eq(project.id, id)));
}

/** A row of `listProjects` or `findProject`. */
export type ProjectRow = Awaited<ReturnType<typeof findProject>>[number];

/** True when the tenant has the project. */
export async function projectExists(db: Database, tenantId: number, id: number): Promise<boolean> {
  const rows = await db
    .select({ id: project.id })
    .from(project)
    .where(and(eq(project.tenantId, tenantId), eq(project.id, id)))
    .limit(1);
  return rows.length === 1;
}

/** When the tenant's project was archived, in UTC milliseconds, or null; no row when there is no such project. */
export function findArchived(db: Database, tenantId: number, id: number) {
  return db
    .select({ archivedAtMs: project.archivedAtMs })
    .from(project)
    .where(and(eq(project.tenantId, tenantId), eq(project.id, id)));
}

/** A project's delivery, and that of each of its repositories, with whether the viewer sees it; no row when there is no such project. */
export function findDelivery(db: Database, tenantId: number, viewer: Viewer, id: number) {
  return db
    .select({
      delivery: project.delivery,
      repositoryId: projectRepository.repositoryId,
      dependsOn: projectRepository.dependsOn,
      testCommand: projectRepository.testCommand,
      isSeen: isSeen(viewer),
    })
    .from(project)
    .leftJoin(
      projectRepository,
      and(eq(projectRepository.projectId, project.id), eq(projectRepository.tenantId, tenantId)),
    )
    .leftJoin(repository, eq(repository.id, projectRepository.repositoryId))
    .where(and(eq(project.tenantId, tenantId), eq(project.id, id)))
    .orderBy(asc(projectRepository.role), asc(projectRepository.repositoryId));
}

/** Sets how a project delivers. */
export function setDelivery(db: Database, tenantId: number, id: number, delivery: Delivery): Statement {
  return db
    .update(project)
    .set({ delivery })
    .where(and(eq(project.tenantId, tenantId), eq(project.id, id)));
}

/** Sets on which repositories a project's repository depends, and the command of its tests. */
export function setRepositoryDelivery(
  db: Database,
  tenantId: number,
  projectId: number,
  row: { readonly repositoryId: number; readonly dependsOn: readonly number[]; readonly testCommand: string | null },
): Statement {
  const { repositoryId, ...fields } = row;
  return db
    .update(projectRepository)
    .set(fields)
    .where(
      and(
        eq(projectRepository.tenantId, tenantId),
        eq(projectRepository.projectId, projectId),
        eq(projectRepository.repositoryId, repositoryId),
      ),
    );
}

/** The sandbox settings of the tenant's project; no row when there is no such project. */
export function findSandboxSettings(db: Database, tenantId: number, id: number) {
  return db
    .select({ sandboxSettings: project.sandboxSettings })
    .from(project)
    .where(and(eq(project.tenantId, tenantId), eq(project.id, id)));
}

/** Sets the sandbox settings of the tenant's project. */
export function setSandboxSettings(db: Database, tenantId: number, id: number, settings: SandboxSettings): Statement {
  return db
    .update(project)
    .set({ sandboxSettings: settings })
    .where(and(eq(project.tenantId, tenantId), eq(project.id, id)));
}

/** Makes a project and returns its id; the batch fails with a unique violation when the tenant has its key. */
export function insertProject(
  db: Database,
  tenantId: number,
  row: {
    readonly key: string;
    readonly name: string;
    readonly description: string;
    readonly testCommand: string | null;
    readonly createdAtMs: number;
  },
) {
  return db
    .insert(project)
    .values({ tenantId, ...row })
    .returning({ id: project.id });
}

/** Expression for the id of the tenant's project of a key, for statements of the batch that makes it. */
export function projectIdOf(tenantId: number, key: string) {
  return sql<number>`(select ${project.id} from ${project} where ${project.tenantId} = ${tenantId} and ${project.key} = ${key})`;
}

/**
 * Puts the tenant's repositories into one of its projects, given by its id or an expression for it; one that is there already stays
 * as it is. The first repository of a project without any is the primary one.
 */
export function addRepositories(
  db: Database,
  tenantId: number,
  projectId: number | ReturnType<typeof projectIdOf>,
  repositoryIds: readonly number[],
): Statement {
  const isFirst = sql`listed.key = 0 and not exists (select 1 from ${projectRepository} where ${projectRepository.projectId} = ${projectId})`;
  return db
    .insert(projectRepository)
    .select(
      sql`select ${projectId}, ${repository.id}, ${tenantId}, iif(${isFirst}, 'primary', 'secondary'), '[]', null
        from json_each(${JSON.stringify(repositoryIds)}) as listed
        join ${repository} on ${repository.id} = listed.value and ${repository.tenantId} = ${tenantId}
        where true`,
    )
    .onConflictDoNothing();
}
