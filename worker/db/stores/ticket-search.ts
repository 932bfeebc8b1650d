import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { matchQuery } from "../full-text.ts";
import { project, ticket } from "../schema/index.ts";

/** The tickets that a search looks through, and the part of its result: under the id `before`, at most `limit`. */
export interface SearchPart {
  readonly projectId: number | undefined;
  readonly before: number;
  readonly limit: number;
}

export type TicketKey = { readonly project: string | undefined; readonly number: number };

const foundFields = {
  id: ticket.id,
  projectId: ticket.projectId,
  projectKey: project.key,
  number: ticket.number,
  type: ticket.type,
  title: ticket.title,
  description: ticket.description,
  acceptanceCriteria: ticket.acceptanceCriteria,
  column: ticket.column,
  updatedAtMs: ticket.updatedAtMs,
};

/** The tenant's tickets with a key, newest first: of the project that it names, or else of each. Deleted ones are left out. */
export function listTicketsByKey(db: Database, tenantId: number, key: TicketKey, part: SearchPart) {
  return db
    .select(foundFields)
    .from(project)
    .innerJoin(ticket, and(eq(ticket.projectId, project.id), eq(ticket.number, key.number)))
    .where(
      and(
        eq(project.tenantId, tenantId),
        key.project === undefined ? undefined : eq(project.key, key.project),
        part.projectId === undefined ? undefined : eq(project.id, part.projectId),
        isNull(ticket.deletedAtMs),
        lt(ticket.id, part.before),
      ),
    )
    .orderBy(desc(ticket.id))
    .limit(part.limit);
}

/**
 * The tenant's tickets in which every word of a text occurs, newest first, without those that `listTicketsByKey` has for the same text. The
 * index is read from its newest entry on, and no further than the part is full; the join's order is fixed for that.
 */
export function listTicketsByText(
  db: Database,
  tenantId: number,
  search: { readonly text: string; readonly key: TicketKey | undefined },
  part: SearchPart,
) {
  const { key } = search;
  const found = sql`(select ticket_search.rowid from ticket_search cross join ${ticket} as own on own.id = ticket_search.rowid
    cross join ${project} as place on place.id = own.project_id
    where ticket_search match ${matchQuery(search.text)} and ticket_search.rowid < ${part.before}
    and own.tenant_id = ${tenantId} and own.deleted_at_ms is null
    ${part.projectId === undefined ? sql`` : sql`and own.project_id = ${part.projectId}`}
    ${key === undefined ? sql`` : sql`and not (own.number = ${key.number} and place.key = coalesce(${key.project ?? null}, place.key))`}
    order by ticket_search.rowid desc limit ${part.limit})`;
  return (
    db
      .select(foundFields)
      .from(ticket)
      .innerJoin(project, eq(project.id, ticket.projectId))
      // The plus keeps SQLite from the index by tenant, which would read all of its tickets.
      .where(and(sql`+${ticket.tenantId} = ${tenantId}`, sql`${ticket.id} in ${found}`))
      .orderBy(desc(ticket.id))
  );
}

export type FoundRow = Awaited<ReturnType<typeof listTicketsByText>>[number];
