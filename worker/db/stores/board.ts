import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { boardChange, project, repository, run, ticket, user } from "../schema/index.ts";
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
 * a repository is named to a viewer who sees it. A project without tickets has one row without a ticket.
 */
export function listTickets(db: Database, tenantId: number, viewer: Viewer, projectId: number) {
  const newest = db
    .select({ seq: boardChange.seq })
    .from(boardChange)
    .where(and(eq(boardChange.tenantId, tenantId), eq(boardChange.projectId, projectId)))
    .orderBy(desc(boardChange.seq))
    .limit(1);
  return db
    .select({ ...ticketFields, headSeq: sql<number>`coalesce(${newest}, 0)` })
    .from(project)
    .leftJoin(ticket, and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, project.id), isNull(ticket.deletedAtMs)))
    .leftJoin(user, eq(user.id, ticket.assigneeId))
    .leftJoin(repository, and(eq(repository.id, ticket.repositoryId), seenBy(viewer)))
    .leftJoin(run, eq(run.id, newestRun))
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)))
    .orderBy(asc(ticket.column), asc(ticket.rank), asc(ticket.id));
}

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
