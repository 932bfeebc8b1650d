import type { BoardTicket } from "../../../contracts/board.ts";
import { refuseParent } from "../../../domain/board/edits.ts";
import { columnForStage, findColumn } from "../../../domain/board/columns.ts";
import { noColumn, ranksAtEnd } from "../../../domain/board/moves.ts";
import type { Database } from "../../db/client.ts";
import { findPeople, findTicketsBySource } from "../../db/stores/board-read.ts";
import {
  auditTickets,
  insertCreated,
  insertDependencies,
  insertTickets,
  setNextNumber,
  setParents,
  type NumberedTicket,
} from "../../db/stores/board-write.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import {
  changeOf,
  nothing,
  type BoardState,
  type BoardWrite,
  type CommandOf,
  type Planned,
  type Refused,
} from "./board-commit.ts";

/** Plans new tickets at the ends of their columns. A ticket whose source key the project has already is not made again. */
export async function planCreate(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"create">>,
): Promise<Planned | Refused> {
  const { tickets } = write.command;
  for (const { parentId } of tickets) {
    const refusal = refuseParent(state, null, parentId === null ? null : String(parentId));
    if (refusal !== undefined) return refusal;
  }
  const lost = tickets.find(({ column }) => column !== null && findColumn(state.boards, column) === undefined);
  if (lost !== undefined) return noColumn("The ticket was not made: choose another column.");
  const keys = tickets.flatMap(({ sourceKey }) => sourceKey ?? []);
  const made = new Map(
    (await findTicketsBySource(db, place, keys)).map(({ id, sourceKey }) => [sourceKey, String(id)]),
  );
  const fresh = tickets.filter(({ sourceKey }) => sourceKey === null || !made.has(sourceKey));
  const idsOf = (ids: readonly string[]): readonly string[] => {
    const given = [...ids];
    return tickets.flatMap(
      ({ sourceKey }) => (sourceKey === null ? undefined : made.get(sourceKey)) ?? given.shift() ?? [],
    );
  };
  if (fresh.length === 0) return { ...nothing, ticketIds: idsOf([]) };
  const rows = numbered(state, fresh);
  const people = await findPeople(
    db,
    rows.flatMap(({ assigneeId }) => assigneeId ?? []),
  );
  const shown = rows.map((row) => boardTicket(state.key, place.projectId, row, people, write.atMs));
  const pairs = fresh.flatMap(({ dependsOn, sourceKey }) =>
    sourceKey === null ? [] : dependsOn.map((to) => ({ from: sourceKey, to })),
  );
  const parents = fresh.flatMap(({ parentKey, sourceKey }) =>
    sourceKey === null || !parentKey ? [] : [{ from: sourceKey, to: parentKey }],
  );
  const nextNumber = state.nextNumber + rows.length;
  return {
    ...nothing,
    commit: async () => {
      const change = changeOf(state, write, "tickets.created", { tickets: shown });
      const entries = rows.map(({ number, title }) => ({
        number,
        data: { projectId: String(place.projectId), title },
      }));
      const [inserted] = await db.batch([
        insertTickets(db, place, rows, write.atMs),
        setNextNumber(db, place, nextNumber),
        ...(parents.length === 0 ? [] : [setParents(db, place, parents)]),
        ...(pairs.length === 0 ? [] : [insertDependencies(db, place, pairs)]),
        insertCreated(
          db,
          place,
          change,
          rows.map(({ number }) => number),
        ),
        auditTickets(db, place, write.caller, { action: "ticket.created", tickets: entries, atMs: write.atMs }),
      ]);
      const byNumber = new Map(inserted.map(({ id, number }) => [number, String(id)]));
      const ids = rows.map(({ number }) => byNumber.get(number) ?? "");
      const bySource = new Map(made);
      for (const [index, { sourceKey }] of rows.entries())
        if (sourceKey !== null) bySource.set(sourceKey, ids[index] ?? "");
      const withIds = shown.map((ticket, index) => ({
        ...ticket,
        id: ids[index] ?? "",
        parentId: bySource.get(fresh[index]?.parentKey ?? "") ?? ticket.parentId,
        dependsOn: dependenciesOf(fresh[index], bySource),
      }));
      return { changes: [{ ...change, data: { tickets: withIds } }], nextNumber, ticketIds: idsOf(ids) };
    },
  };
}

/** The ids of the tickets that a new one depends on, in their order. */
function dependenciesOf(
  ticket: CommandOf<"create">["tickets"][number] | undefined,
  bySource: ReadonlyMap<string | null, string>,
): string[] {
  if (ticket === undefined || ticket.sourceKey === null) return [];
  const ids = ticket.dependsOn.flatMap((key) => bySource.get(key) ?? []);
  return [...new Set(ids)].toSorted((a, b) => Number(a) - Number(b));
}

/** New tickets with their numbers and with ranks at the end of their columns. */
function numbered(state: BoardState, given: CommandOf<"create">["tickets"]): readonly NumberedTicket[] {
  const tickets = given.map((ticket) => ({ ...ticket, column: ticket.column ?? columnFor(state, ticket) }));
  const ranks = new Map(
    [...new Set(tickets.map(({ column }) => column))].map((column) => [
      column,
      [...ranksAtEnd(state, column, tickets.filter((ticket) => ticket.column === column).length)],
    ]),
  );
  return tickets.map(({ dependsOn: _dependsOn, parentKey: _parentKey, stage: _stage, ...ticket }, index) => ({
    ...ticket,
    number: state.nextNumber + index,
    rank: ranks.get(ticket.column)?.shift() ?? "",
  }));
}

/** The column for a new ticket that names none: of its stage, in the board of its parent where it has one. */
function columnFor(
  { boards, tickets }: BoardState,
  { parentId, stage = "backlog" }: CommandOf<"create">["tickets"][number],
): string {
  const parent = parentId === null ? undefined : tickets.get(String(parentId));
  const board = parent === undefined ? undefined : findColumn(boards, parent.column)?.board;
  return columnForStage(boards, stage, board)?.id ?? "";
}

/** A new ticket as a change carries it, before the database has given it an id. */
export function boardTicket(
  key: string,
  projectId: number,
  row: NumberedTicket,
  people: Awaited<ReturnType<typeof findPeople>>,
  atMs: number,
): BoardTicket {
  const id = (value: number | null): string | null => (value === null ? null : String(value));
  return {
    // The database gives the id when the ticket is inserted.
    id: "0",
    projectId: String(projectId),
    key: `${key}-${row.number}`,
    type: row.type,
    title: row.title,
    description: row.description,
    acceptanceCriteria: row.acceptanceCriteria,
    column: row.column,
    rank: row.rank,
    version: 1,
    priority: row.priority,
    labels: [...row.labels],
    assignee: people.find((person) => person.id === id(row.assigneeId)) ?? null,
    repositoryId: id(row.repositoryId),
    parentId: id(row.parentId),
    // The same commit resolves them.
    dependsOn: [],
    commentCount: 0,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}
