import { isSearchable, keyOf, type FoundTicket } from "../../../contracts/ticket-search.ts";
import { excerptOf } from "../../../domain/text/excerpt.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listTicketsByKey, listTicketsByText, type FoundRow } from "../../db/stores/ticket-search.ts";

/** A search over the tenant's tickets; `cursor` is the `nextCursor` of the page before. */
export interface TicketSearch {
  readonly search: string;
  readonly projectId: number | undefined;
  readonly cursor: SearchCursor | undefined;
  readonly limit: number;
}

/** Where a page starts: under an id among the tickets that have the key, or among those that have the words. */
export interface SearchCursor {
  readonly phase: "key" | "text";
  readonly before: number;
}

const beginning = Number.MAX_SAFE_INTEGER;

/**
 * A page of the tenant's tickets that a text finds: first the one that it names by its key, then those that have its words in title,
 * description, acceptance criteria or labels, newest first. Deleted ones are left out. `ticket.read`. Two queries at most, at once.
 */
export async function searchTickets(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  { cursor, limit, projectId, search }: TicketSearch,
): Promise<{ items: FoundTicket[]; nextCursor: string | null }> {
  requirePermission(scope, "ticket.read");
  const { tenantId } = scope;
  const key = keyOf(search);
  const isLater = cursor?.phase === "text";
  const part = (phase: SearchCursor["phase"]) => ({
    projectId,
    before: cursor?.phase === phase ? cursor.before : beginning,
    limit: limit + 1,
  });
  const [named, worded] = await Promise.all([
    key === undefined || isLater ? [] : listTicketsByKey(db, tenantId, key, part("key")),
    isSearchable(search) ? listTicketsByText(db, tenantId, { text: search, key }, part("text")) : [],
  ]);
  const rows = [...named.map((row) => ({ row, phase: "key" })), ...worded.map((row) => ({ row, phase: "text" }))];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const words = search.split(/\s+/u).filter(isSearchable);
  return {
    items: page.map(({ row }) => foundView(row, words.length === 0 ? [search] : words)),
    nextCursor: rows.length > limit && last !== undefined ? `${last.phase}-${last.row.id}` : null,
  };
}

function foundView(row: FoundRow, words: readonly string[]): FoundTicket {
  return {
    id: String(row.id),
    projectId: String(row.projectId),
    key: `${row.projectKey}-${row.number}`,
    type: row.type,
    title: row.title,
    column: row.column,
    updatedAtMs: row.updatedAtMs,
    excerpt: excerptOf(row.description, words) ?? excerptOf(row.acceptanceCriteria, words),
  };
}
