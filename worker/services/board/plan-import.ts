import type { ImportLine } from "../../../contracts/ticket-transfer.ts";
import { decideImport, isRefused, type ImportDecision } from "../../../domain/board/import.ts";
import { transferTables, transferWriter } from "../../../domain/board/transfer.ts";
import type { Database } from "../../db/client.ts";
import { findBoardTickets, findTicketsBySource } from "../../db/stores/board-read.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import { nothing, type BoardState, type BoardWrite, type CommandOf, type Planned } from "./board-commit.ts";
import { commitImport } from "./commit-import.ts";
import { importedTickets } from "./imported-tickets.ts";
import { isoTime } from "./iso-time.ts";

/**
 * Decides a file's rows by the board as it is now. A row whose source the project has already made its ticket before. Nothing is written
 * for a dry run, and when a line is refused.
 */
export async function planImport(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"import">>,
): Promise<Planned> {
  const { file } = write.command;
  const sourceKeyOf = (line: number): string => `${file.source}:${line}`;
  const found = await findTicketsBySource(
    db,
    place,
    file.rows.map(({ line }) => sourceKeyOf(line)),
  );
  const bySource = new Map(found.map(({ id, sourceKey }) => [sourceKey, String(id)]));
  const made = new Map(
    file.rows.flatMap(({ line }) => {
      const id = bySource.get(sourceKeyOf(line));
      return id === undefined ? [] : [[line, id] as const];
    }),
  );
  const names = { ...file.names, boards: state.boards };
  const tables = transferTables(names);
  const known = await namedTickets(db, place, state, write.command);
  const writer = transferWriter(names, tables, isoTime);
  const keyOf = (id: string): string | undefined => {
    const ticket = state.tickets.get(id);
    return ticket === undefined || ticket.isDeleted ? undefined : ticket.key;
  };
  const named = new Map(
    known.map((source) => {
      const deletedDependencies = source.dependsOn.filter((id) => keyOf(id) === undefined);
      return [source.id, { source, written: writer(source, keyOf), deletedDependencies }];
    }),
  );
  const { mayUpdate, rows } = file;
  const decisions = decideImport({ tickets: state.tickets, names, tables, named, made, mayUpdate }, rows);
  const numbers = numbersOf(state, decisions);
  if (file.isDryRun || isRefused(decisions))
    return { ...nothing, lines: decisions.map((each) => lineOf(state, each, undefined)) };
  const lines = decisions.map((each) => lineOf(state, each, numbers.get(each.line)));
  const ids = lines.map(({ ticketId }) => ticketId ?? "");
  const tickets = await importedTickets(db, place, { state, write, decisions, known, numbers, sourceKeyOf });
  if (tickets.length === 0) return { ...nothing, ticketIds: ids, lines };
  return {
    ...nothing,
    lines,
    commit: async () => {
      const { idOf, ...committed } = await commitImport(db, place, state, write, tickets);
      const ticketIds = decisions.map(({ line }, index) => idOf(numbers.get(line) ?? 0) ?? ids[index] ?? "");
      return { ...committed, ticketIds };
    },
  };
}

/** The tickets that rows may change, in full. */
async function namedTickets(
  db: Database,
  place: BoardPlace,
  { tickets }: BoardState,
  { file }: CommandOf<"import">,
): ReturnType<typeof findBoardTickets> {
  if (!file.mayUpdate) return [];
  const keys = new Set(file.rows.map(({ key }) => key));
  const ids = [...tickets.values()].filter(({ isDeleted, key }) => !isDeleted && keys.has(key)).map(({ id }) => id);
  return findBoardTickets(db, place, ids);
}

/** The numbers of new tickets, by their lines. */
function numbersOf({ nextNumber }: BoardState, decisions: readonly ImportDecision[]): ReadonlyMap<number, number> {
  const created = decisions.filter(({ status }) => status === "created");
  return new Map(created.map(({ line }, index) => [line, nextNumber + index]));
}

/** A decision as the report tells it. `number` is the new ticket's, once it is to be made. */
function lineOf(state: BoardState, decision: ImportDecision, number: number | undefined): ImportLine {
  const { line, status, title } = decision;
  const shared = { line, status, title, key: null, ticketId: null, fields: [], reasons: [] };
  const keyOf = (ticketId: string): string | null => state.tickets.get(ticketId)?.key ?? null;
  switch (decision.status) {
    case "refused":
      return { ...shared, key: decision.key, reasons: [...decision.reasons] };
    case "created":
      return { ...shared, key: number === undefined ? null : `${state.key}-${number}` };
    case "unchanged":
      return { ...shared, key: keyOf(decision.ticketId), ticketId: decision.ticketId };
    case "updated":
      return {
        ...shared,
        key: keyOf(decision.ticketId),
        ticketId: decision.ticketId,
        fields: [...decision.changed],
      };
  }
}
