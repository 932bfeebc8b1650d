import { and, eq, sql } from "drizzle-orm";
import type { BoardTicket } from "../../../contracts/board.ts";
import type { Person } from "../../../contracts/common.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { Database } from "../client.ts";
import { project, ticket, ticketComment, ticketDependency, user } from "../schema/index.ts";

/** The ids of the tickets that a ticket depends on, in order, as JSON. */
export const dependenciesOf = sql<string>`(select json_group_array(cast(depends_on_id as text) order by depends_on_id)
  from ${ticketDependency} where ticket_id = ${ticket.id})`.as("depends_on");

/** The number of a ticket's comments that are not deleted. */
export const commentsOf =
  sql<number>`(select count(*) from ${ticketComment} where ${ticketComment.ticketId} = ${ticket.id} and ${ticketComment.deletedAtMs} is null)`.as(
    "comment_count",
  );

/** The ids in `dependenciesOf`. */
export function parseDependencies(json: string): string[] {
  return JSON.parse(json) as string[];
}

/** People by their ids, as they are shown beside what they did. */
export async function findPeople(db: Database, ids: readonly number[]): Promise<readonly Person[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: user.id, name: user.name, image: user.image })
    .from(user)
    .where(sql`${user.id} in (select value from json_each(${JSON.stringify(ids)}))`);
  return rows.map(({ id, image, name }) => ({ id: String(id), name, avatarUrl: image }));
}

/** Tickets of a project as a change carries them, deleted ones too, in the order of their ids. */
export async function findBoardTickets(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  ids: readonly string[],
): Promise<BoardTicket[]> {
  const rows = await db
    .select({
      ticket,
      dependsOn: dependenciesOf,
      commentCount: commentsOf,
      projectKey: project.key,
      assignee: { id: user.id, name: user.name, image: user.image },
    })
    .from(ticket)
    .innerJoin(project, eq(project.id, ticket.projectId))
    .leftJoin(user, eq(user.id, ticket.assigneeId))
    .where(
      and(
        eq(ticket.tenantId, tenantId),
        eq(ticket.projectId, projectId),
        sql`${ticket.id} in (select value from json_each(${JSON.stringify(ids.map(Number))}))`,
      ),
    )
    .orderBy(ticket.id);
  const id = (value: number | null): string | null => (value === null ? null : String(value));
  return rows.map(({ assignee, commentCount, dependsOn, projectKey, ticket: row }) => ({
    id: String(row.id),
    projectId: String(row.projectId),
    key: `${projectKey}-${row.number}`,
    type: row.type,
    title: row.title,
    description: row.description,
    acceptanceCriteria: row.acceptanceCriteria,
    column: row.column,
    rank: row.rank,
    version: row.version,
    priority: row.priority,
    labels: [...row.labels],
    assignee: assignee === null ? null : { id: String(assignee.id), name: assignee.name, avatarUrl: assignee.image },
    repositoryId: id(row.repositoryId),
    parentId: id(row.parentId),
    dependsOn: parseDependencies(dependsOn),
    commentCount,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
  }));
}

/** Tickets of a project that were made from these sources. */
export async function findTicketsBySource(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  sourceKeys: readonly string[],
) {
  if (sourceKeys.length === 0) return [];
  return db
    .select({
      id: ticket.id,
      number: ticket.number,
      title: ticket.title,
      sourceKey: ticket.sourceKey,
      projectKey: project.key,
    })
    .from(ticket)
    .innerJoin(project, eq(project.id, ticket.projectId))
    .where(
      and(
        eq(ticket.tenantId, tenantId),
        eq(ticket.projectId, projectId),
        sql`${ticket.sourceKey} in (select value from json_each(${JSON.stringify(sourceKeys)}))`,
      ),
    );
}
