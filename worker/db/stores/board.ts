import { and, asc, eq, sql } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { project, repository, run, ticket, user } from "../schema/index.ts";
import { seenBy, type Viewer } from "./visibility.ts";

/** Distance between neighbours in a column, so that many moves fit between them. */
export const rankStep = 1024;

function selectTickets(db: Database, viewer: Viewer) {
  const newestRun = sql`(select max(newest.id) from ${run} as newest where newest.ticket_id = ${ticket.id})`;
  return db
    .select({
      ticket: {
        id: ticket.id,
        projectId: ticket.projectId,
        number: ticket.number,
        type: ticket.type,
        title: ticket.title,
        description: ticket.description,
        acceptanceCriteria: ticket.acceptanceCriteria,
        column: ticket.column,
        priority: ticket.priority,
        labels: ticket.labels,
        createdAtMs: ticket.createdAtMs,
        updatedAtMs: ticket.updatedAtMs,
      },
      projectKey: project.key,
      assignee: { id: user.id, name: user.name, image: user.image },
      repository: { id: repository.id, owner: repository.owner, name: repository.name },
      run: { id: run.id, state: run.state, mode: run.mode },
    })
    .from(ticket)
    .innerJoin(project, eq(project.id, ticket.projectId))
    .leftJoin(user, eq(user.id, ticket.assigneeId))
    .leftJoin(repository, and(eq(repository.id, ticket.repositoryId), seenBy(viewer)))
    .leftJoin(run, eq(run.id, newestRun))
    .$dynamic();
}

/** All tickets of a project of the tenant, in the order of their column; a repository is named to a viewer who sees it. */
export function listTickets(db: Database, tenantId: number, viewer: Viewer, projectId: number) {
  return selectTickets(db, viewer)
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId)))
    .orderBy(asc(ticket.column), asc(ticket.rank), asc(ticket.id));
}

/** One ticket of the tenant. */
export async function findTicket(db: Database, tenantId: number, viewer: Viewer, id: number) {
  const rows = await selectTickets(db, viewer)
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.id, id)))
    .limit(1);
  return rows[0];
}

/** One row of `listTickets` or `findTicket`. */
export type TicketRow = Awaited<ReturnType<typeof listTickets>>[number];

/** True when the project of the tenant has the ticket. */
export async function ticketExists(db: Database, tenantId: number, projectId: number, id: number): Promise<boolean> {
  const rows = await db
    .select({ id: ticket.id })
    .from(ticket)
    .where(and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId), eq(ticket.id, id)))
    .limit(1);
  return rows.length === 1;
}

/** The fields of a new ticket; its number and rank come from the project. */
export type NewTicket = Omit<typeof ticket.$inferInsert, "id" | "tenantId" | "number" | "rank">;

/** Takes the project's next ticket number: the first statement of a batch that makes a ticket. */
export function takeTicketNumber(db: Database, tenantId: number, projectId: number): Statement {
  return db
    .update(project)
    .set({ nextTicketNumber: sql`${project.nextTicketNumber} + 1` })
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)));
}

/** Makes a ticket with the number just taken, at the end of its column, and returns its id. */
export function insertTicket(db: Database, tenantId: number, row: NewTicket) {
  const inColumn = sql`peer.tenant_id = ${tenantId} and peer.project_id = ${row.projectId} and peer."column" = ${row.column}`;
  return db
    .insert(ticket)
    .values({
      ...row,
      tenantId,
      number: sql`(select next_ticket_number - 1 from ${project} where id = ${row.projectId} and tenant_id = ${tenantId})`,
      rank: sql`(select coalesce(max(peer.rank), 0) + ${rankStep} from ${ticket} as peer where ${inColumn})`,
    })
    .returning({ id: ticket.id });
}
