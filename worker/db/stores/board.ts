import { and, asc, desc, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { Board } from "../../../contracts/board.ts";
import type { Project } from "../../../contracts/project.ts";
import type { Database } from "../client.ts";
import { board, boardChange, project, repository, run, ticket, user } from "../schema/index.ts";
import { commentsOf, dependenciesOf } from "./board-read.ts";
import { seenBy, type Viewer } from "./visibility.ts";

const newestRun = sql`(select max(newest.id) from ${run} as newest where newest.ticket_id = ${ticket.id})`;
const ticketFields = {
  ticket: {
    id: ticket.id,
    projectId: ticket.projectId,
    number: ticket.number,
    type: ticket.type,
    title: ticket.title,
    description: ticket.description,
    acceptanceCriteria: ticket.acceptanceCriteria,
    column: ticket.column,
    rank: ticket.rank,
    version: ticket.version,
    parentId: ticket.parentId,
    priority: ticket.priority,
    labels: ticket.labels,
    createdAtMs: ticket.createdAtMs,
    updatedAtMs: ticket.updatedAtMs,
  },
  dependsOn: dependenciesOf,
  commentCount: commentsOf,
  projectKey: project.key,
  assignee: { id: user.id, name: user.name, image: user.image },
  repository: { id: repository.id, owner: repository.owner, name: repository.name },
  run: { id: run.id, state: run.state, mode: run.mode },
};

/**
 * The tickets of a project of the tenant, in the order of their column, as they were at change `headSeq`, which the same statement reads:
 * a repository is named to a viewer who sees it. A project without tickets has one row without a ticket. The first row has the boards and
 * the project's fields at that change.
 */
export function listTickets(db: Database, tenantId: number, viewer: Viewer, projectId: number) {
  const newest = db
    .select({ seq: boardChange.seq })
    .from(boardChange)
    .where(and(eq(boardChange.tenantId, tenantId), eq(boardChange.projectId, projectId)))
    .orderBy(desc(boardChange.seq))
    .limit(1);
  const first = sql`(select first.id from ${ticket} as first where first.tenant_id = ${tenantId} and first.project_id = ${projectId}
    and first.deleted_at_ms is null order by first.column, first.rank, first.id limit 1)`;
  return db
    .select({
      ...ticketFields,
      headSeq: sql<number>`coalesce(${newest}, 0)`,
      rest: sql<string | null>`iif(${ticket.id} is ${first}, ${restOfBoard(tenantId)}, null)`,
    })
    .from(project)
    .leftJoin(ticket, and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, project.id), isNull(ticket.deletedAtMs)))
    .leftJoin(user, eq(user.id, ticket.assigneeId))
    .leftJoin(repository, and(eq(repository.id, ticket.repositoryId), seenBy(viewer)))
    .leftJoin(run, eq(run.id, newestRun))
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)))
    .orderBy(asc(ticket.column), asc(ticket.rank), asc(ticket.id));
}

/** The boards of a row's project, and the fields of the project that changes name, as JSON. */
function restOfBoard(tenantId: number): SQL {
  const layout = sql`json_object('id', cast(${board.id} as text), 'name', ${board.name}, 'columns', json(${board.columns}))`;
  return sql`json_object('key', ${project.key}, 'name', ${project.name}, 'description', ${project.description},
    'archivedAtMs', ${project.archivedAtMs}, 'boards', (select json_group_array(${layout} order by ${board.id}) from ${board}
    where ${board.tenantId} = ${tenantId} and ${board.projectId} = ${project.id}))`;
}

/** The rest of a board, as `listTickets` reads it. */
export type RestOfBoard = Pick<Project, "archivedAtMs" | "description" | "key" | "name"> & Pick<Board, "boards">;

/** One ticket of the tenant that is not deleted. */
export async function findTicket(db: Database, tenantId: number, viewer: Viewer, id: number) {
  const rows = await db
    .select(ticketFields)
    .from(ticket)
    .innerJoin(project, eq(project.id, ticket.projectId))
    .leftJoin(user, eq(user.id, ticket.assigneeId))
    .leftJoin(repository, and(eq(repository.id, ticket.repositoryId), seenBy(viewer)))
    .leftJoin(run, eq(run.id, newestRun))
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.id, id), isNull(ticket.deletedAtMs)))
    .limit(1);
  return rows[0];
}

/** A ticket with what is shown beside it. */
export type TicketRow = NonNullable<Awaited<ReturnType<typeof findTicket>>>;

/** The project of a ticket of the tenant, also of a deleted one; undefined without the ticket. */
export async function findTicketProject(db: Database, tenantId: number, id: number): Promise<number | undefined> {
  const rows = await db
    .select({ projectId: ticket.projectId })
    .from(ticket)
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.id, id)))
    .limit(1);
  return rows[0]?.projectId;
}
