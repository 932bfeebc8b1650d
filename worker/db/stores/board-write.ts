import { and, asc, eq, gt, lte, max, sql, type SQL } from "drizzle-orm";
import { actorKey } from "../../../contracts/actor.ts";
import type { BoardChange } from "../../../contracts/board.ts";
import type { BoardPlace, NewTicket } from "../../ports/board-host.ts";
import type { Caller } from "../../ports/run-host.ts";
import { boardLayout, selectBoards } from "./board-layout.ts";
import { isUniqueViolation, type Database, type Statement } from "../client.ts";
import { audit, boardChange, project, ticket, ticketDependency } from "../schema/index.ts";
import { dependenciesOf } from "./board-read.ts";

const ofProject = ({ projectId, tenantId }: BoardPlace) =>
  and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId));

/** The project's key, whether it is archived, its boards, next ticket number, number of the newest change, and the facts of every ticket; undefined without the project. One batch. */
export async function readBoardFacts(db: Database, place: BoardPlace) {
  const { projectId, tenantId } = place;
  const [projects, heads, boards, tickets] = await db.batch([
    db
      .select({ key: project.key, nextNumber: project.nextTicketNumber, archivedAtMs: project.archivedAtMs })
      .from(project)
      .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId))),
    db
      .select({ seq: max(boardChange.seq) })
      .from(boardChange)
      .where(eq(boardChange.projectId, projectId)),
    selectBoards(db, place),
    db
      .select({
        id: ticket.id,
        number: ticket.number,
        dependsOn: dependenciesOf,
        column: ticket.column,
        rank: ticket.rank,
        version: ticket.version,
        parentId: ticket.parentId,
        deletedAtMs: ticket.deletedAtMs,
      })
      .from(ticket)
      .where(ofProject(place)),
  ]);
  const [found] = projects;
  if (found === undefined) return undefined;
  const { archivedAtMs, ...rest } = found;
  const isArchived = archivedAtMs !== null;
  return { ...rest, isArchived, headSeq: heads[0]?.seq ?? 0, boards: boards.map(boardLayout), tickets };
}

/** The changes after `since` in order, at most `limit` and together at most `characters` long, as stored JSON texts with their numbers. */
export async function listBoardChanges(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  since: number,
  { characters, limit }: { readonly limit: number; readonly characters: number },
) {
  const after = and(
    eq(boardChange.tenantId, tenantId),
    eq(boardChange.projectId, projectId),
    gt(boardChange.seq, since),
  );
  const total = sql<number>`sum(length(${boardChange.change})) over (order by ${boardChange.seq})`.as("total");
  const first = db
    .select({ seq: boardChange.seq, change: boardChange.change, total })
    .from(boardChange)
    .where(after)
    .orderBy(asc(boardChange.seq))
    .limit(limit)
    .as("first");
  return db
    .select({ seq: first.seq, change: first.change })
    .from(first)
    .where(lte(first.total, characters))
    .orderBy(asc(first.seq));
}

/** Whether D1 refused a write because another object has taken the number of its change or of its ticket, or has made the ticket. */
export function isNumberTaken(error: unknown): boolean {
  return (
    isUniqueViolation(error, "board_change.project_id, board_change.seq") ||
    isUniqueViolation(error, "ticket.project_id, ticket.number") ||
    isUniqueViolation(error, "ticket.project_id, ticket.source_key")
  );
}

/** Whether D1 refused a run's move because it was done before. */
export function isMoveRepeated(error: unknown): boolean {
  return isUniqueViolation(error, "audit.effect_key");
}

/** Stores a change under its number: the batch fails as a whole when the number is taken. */
export function insertChange(db: Database, { projectId, tenantId }: BoardPlace, change: BoardChange) {
  return db.insert(boardChange).values({ projectId, tenantId, seq: change.seq, change: JSON.stringify(change) });
}

/**
 * The same for new tickets, whose ids, parents and dependencies are those that the batch has just given: `numbers` are theirs, in the
 * change's order.
 */
export function insertCreated(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  change: Extract<BoardChange, { readonly type: "tickets.created" | "tickets.imported" }>,
  numbers: readonly number[],
) {
  const tickets = change.data.tickets.map((each, index) => ({ ...each, number: numbers[index] }));
  const own = sql`(select id from ${ticket} where project_id = ${projectId} and number = each.value ->> 'number')`;
  const idOf = sql`cast(${own} as text)`;
  const parent = sql`(select cast(parent_id as text) from ${ticket} where id = ${own})`;
  const links = sql`json((select json_group_array(cast(depends_on_id as text) order by depends_on_id)
    from ${ticketDependency} where ticket_id = ${own}))`;
  const withIds = sql`(select json_group_array(json_remove(json_set(each.value, '$.id', ${idOf}, '$.parentId', ${parent}, '$.dependsOn', ${links}), '$.number'))
    from json_each(${JSON.stringify(tickets)}) as each)`;
  return db.insert(boardChange).select(
    sql`select ${projectId}, ${change.seq}, ${tenantId},
      json_set(${JSON.stringify(change)}, '$.data.tickets', json(${withIds}))`,
  );
}

/** Forgets the changes up to a number. */
export function pruneChanges(db: Database, { projectId, tenantId }: BoardPlace, upTo: number) {
  return db
    .delete(boardChange)
    .where(and(eq(boardChange.tenantId, tenantId), eq(boardChange.projectId, projectId), lte(boardChange.seq, upTo)));
}

/** A ticket to insert, with what the board gives it. */
export interface NumberedTicket extends Omit<NewTicket, "column" | "dependsOn" | "parentKey" | "stage"> {
  readonly column: string;
  readonly number: number;
  readonly rank: string;
}

/** Inserts tickets and returns their ids and numbers. */
export function insertTickets(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  rows: readonly NumberedTicket[],
  atMs: number,
) {
  const field = (name: keyof NumberedTicket): SQL => sql`each.value ->> ${name}`;
  return db
    .insert(ticket)
    .select(
      sql`select null, ${tenantId}, ${projectId}, ${field("number")}, ${field("type")}, ${field("title")}, ${field("description")},
        ${field("acceptanceCriteria")}, ${field("column")}, ${field("rank")}, 1, ${field("priority")}, each.value -> 'labels', ${field("assigneeId")},
        ${field("repositoryId")}, ${field("parentId")}, ${field("sourceKey")}, ${field("createdBy")}, ${atMs}, ${atMs}, null
      from json_each(${JSON.stringify(rows)}) as each`,
    )
    .returning({ id: ticket.id, number: ticket.number });
}

/** The project's next ticket takes this number. */
export function setNextNumber(db: Database, { projectId, tenantId }: BoardPlace, next: number) {
  return db
    .update(project)
    .set({ nextTicketNumber: next })
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)));
}

/** Makes tickets of the project the parents of others, each named by its source key. */
export function setParents(
  db: Database,
  place: BoardPlace,
  pairs: readonly { readonly from: string; readonly to: string }[],
) {
  const given = sql`json_each(${JSON.stringify(pairs)}) as each`;
  const parent = sql`(select parent.id from ${given} join ${ticket} as parent on parent.project_id = ${place.projectId}
    and parent.source_key = each.value ->> 'to' where each.value ->> 'from' = ${ticket.sourceKey})`;
  return db
    .update(ticket)
    .set({ parentId: parent })
    .where(and(ofProject(place), sql`${ticket.sourceKey} in (select each.value ->> 'from' from ${given})`));
}

/** Inserts dependencies between tickets of the project, each named by its source key. */
export function insertDependencies(
  db: Database,
  { projectId }: BoardPlace,
  pairs: readonly { readonly from: string; readonly to: string }[],
) {
  const idOf = (side: "from" | "to"): SQL =>
    sql`(select id from ${ticket} where project_id = ${projectId} and source_key = each.value ->> ${side})`;
  return db
    .insert(ticketDependency)
    .select(sql`select ${idOf("from")}, ${idOf("to")} from json_each(${JSON.stringify(pairs)}) as each where true`)
    .onConflictDoNothing();
}

/** Inserts or removes one dependency between two tickets of the project; one that is so already stays. */
export function writeDependency(
  db: Database,
  { projectId }: BoardPlace,
  {
    dependsOn,
    kind,
    ticketId,
  }: { readonly kind: "link" | "unlink"; readonly ticketId: string; readonly dependsOn: string },
): Statement {
  const [from, to] = [Number(ticketId), Number(dependsOn)];
  if (kind === "unlink")
    return db
      .delete(ticketDependency)
      .where(and(eq(ticketDependency.ticketId, from), eq(ticketDependency.dependsOnId, to)));
  return db
    .insert(ticketDependency)
    .select(
      sql`select one.id, other.id from ${ticket} as one, ${ticket} as other
      where one.id = ${from} and one.project_id = ${projectId} and other.id = ${to} and other.project_id = ${projectId}`,
    )
    .onConflictDoNothing();
}

/** Writes new columns and ranks of tickets. Their versions stay: who edits a ticket is not disturbed by its move. */
export function updatePlaces(
  db: Database,
  place: BoardPlace,
  { column, moves }: Extract<BoardChange, { readonly type: "tickets.moved" }>["data"],
  atMs: number,
) {
  const given = JSON.stringify(Object.fromEntries(moves.map(({ id, rank }) => [id, rank])));
  return db
    .update(ticket)
    .set({
      column,
      rank: sql`json_extract(${given}, '$."' || ${ticket.id} || '"')`,
      updatedAtMs: atMs,
    })
    .where(and(ofProject(place), among(moves.map(({ id }) => id))));
}

/** Writes fields of one ticket and counts its version on. */
export function updateTicket(
  db: Database,
  place: BoardPlace,
  id: string,
  fields: Partial<typeof ticket.$inferInsert>,
  atMs: number,
) {
  return db
    .update(ticket)
    .set({ ...fields, version: sql`${ticket.version} + 1`, updatedAtMs: atMs })
    .where(and(ofProject(place), eq(ticket.id, Number(id))));
}

/** Deletes tickets, or restores them with `deletedAtMs` null. */
export function setDeleted(
  db: Database,
  place: BoardPlace,
  ids: readonly string[],
  deletedAtMs: number | null,
  atMs: number,
) {
  return db
    .update(ticket)
    .set({ deletedAtMs, updatedAtMs: atMs })
    .where(and(ofProject(place), among(ids)));
}

function among(ids: readonly string[]): SQL {
  return sql`${ticket.id} in (select value from json_each(${JSON.stringify(ids.map(Number))}))`;
}

/** An audit entry about one ticket: named by its id, or by its number where the batch makes it. */
export interface TicketEntry {
  readonly id?: string;
  readonly number?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The audit entries of a change, one for each ticket. `effectKey` lets a run's move happen once. */
export function auditTickets(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  { actor, requestId, sessionId }: Caller,
  entry: {
    readonly action: string;
    readonly tickets: readonly TicketEntry[];
    readonly atMs: number;
    readonly effectKey?: string;
  },
) {
  const idOf = sql`coalesce(each.value ->> 'id', (select id from ${ticket} where project_id = ${projectId} and number = each.value ->> 'number'))`;
  return db.insert(audit).select(
    sql`select null, ${tenantId}, ${actor.kind === "system" ? null : Number(actor.id)}, ${actor.kind}, ${actorKey(actor)},
      ${sessionId}, ${entry.action}, 'ticket:' || ${idOf}, each.value -> 'data', ${requestId}, ${entry.atMs}, ${entry.effectKey ?? null}
    from json_each(${JSON.stringify(entry.tickets)}) as each`,
  );
}
