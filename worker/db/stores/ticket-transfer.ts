import { and, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { BoardTicket } from "../../../contracts/board.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { Database, Statement } from "../client.ts";
import { member, repository, ticket, ticketDependency, user } from "../schema/index.ts";
import { seenBy, type Viewer } from "./visibility.ts";

/** A ticket, or a link between two, by the numbers that tickets have in their project. */
interface NumberLink {
  readonly from: number;
  /** Null: a parent that is taken away. */
  readonly to: number | null;
}

/** Rows of one statement over links: keeps a parameter far below D1's 2 MB. */
const linksAtOnce = 20_000;

/** The members of a tenant with their addresses. */
export async function listMemberAddresses(db: Database, tenantId: number) {
  return db
    .select({ id: user.id, name: user.name, email: user.email })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(eq(member.organizationId, tenantId));
}

/** The tenant's repositories that the viewer sees and that either bear one of these names, `owner/name` in lower case, or belong to a ticket of the project. */
export async function listNamedRepositories(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  viewer: Viewer,
  names: readonly string[],
) {
  const ofTickets = sql`${repository.id} in (select ${ticket.repositoryId} from ${ticket}
    where ${ticket.tenantId} = ${tenantId} and ${ticket.projectId} = ${projectId})`;
  const named = sql`(${isNull(repository.removedAtMs)} and lower(${repository.owner} || '/' || ${repository.name}) in
    (select value from json_each(${JSON.stringify(names)})))`;
  return db
    .select({ id: repository.id, owner: repository.owner, name: repository.name })
    .from(repository)
    .where(and(eq(repository.tenantId, tenantId), seenBy(viewer), sql`(${ofTickets} or ${named})`));
}

/** A ticket of the project by the number that stands in a JSON value. */
const byNumber = (projectId: number, number: SQL): SQL =>
  sql`(select id from ${ticket} where project_id = ${projectId} and number = ${number})`;

/** Writes every field of tickets that an import changes, but for parents and dependencies, which have statements of their own. */
export function updateImported(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  tickets: readonly BoardTicket[],
): Statement {
  const rows = tickets.map(({ assignee, ...fields }) => ({ ...fields, assigneeId: assignee?.id ?? null }));
  const field = (name: string): SQL => sql`each.value ->> ${name}`;
  return db
    .update(ticket)
    .set({
      type: sql`${field("type")}`,
      title: sql`${field("title")}`,
      description: sql`${field("description")}`,
      acceptanceCriteria: sql`${field("acceptanceCriteria")}`,
      column: sql`${field("column")}`,
      rank: sql`${field("rank")}`,
      version: sql`${field("version")}`,
      priority: sql`${field("priority")}`,
      labels: sql`each.value -> 'labels'`,
      assigneeId: sql`${field("assigneeId")}`,
      repositoryId: sql`${field("repositoryId")}`,
      updatedAtMs: sql`${field("updatedAtMs")}`,
    })
    .from(sql`json_each(${JSON.stringify(rows)}) as each`)
    .where(
      and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId), sql`${ticket.id} = each.value ->> 'id'`),
    );
}

/** Sets the parents of tickets of the project. */
export function writeParents(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  links: readonly NumberLink[],
): readonly Statement[] {
  if (links.length === 0) return [];
  return [
    db
      .update(ticket)
      .set({ parentId: byNumber(projectId, sql`each.value ->> 'to'`) })
      .from(sql`json_each(${JSON.stringify(links)}) as each`)
      .where(
        and(
          eq(ticket.tenantId, tenantId),
          eq(ticket.projectId, projectId),
          sql`${ticket.number} = each.value ->> 'from'`,
        ),
      ),
  ];
}

/** Gives tickets of the project, by `numbers`, these dependencies in the place of those that they have. */
export function writeDependencies(
  db: Database,
  { projectId }: BoardPlace,
  numbers: readonly number[],
  links: readonly NumberLink[],
): readonly Statement[] {
  if (numbers.length === 0) return [];
  const removed = db.delete(ticketDependency).where(
    sql`${ticketDependency.ticketId} in (select id from ${ticket} where project_id = ${projectId}
      and number in (select value from json_each(${JSON.stringify(numbers)})))`,
  );
  const inserted: Statement[] = [];
  for (let start = 0; start < links.length; start += linksAtOnce)
    inserted.push(
      db
        .insert(ticketDependency)
        .select(
          sql`select ${byNumber(projectId, sql`each.value ->> 'from'`)}, ${byNumber(projectId, sql`each.value ->> 'to'`)}
          from json_each(${JSON.stringify(links.slice(start, start + linksAtOnce))}) as each where true`,
        )
        .onConflictDoNothing(),
    );
  return [removed, ...inserted];
}
