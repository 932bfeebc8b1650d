import type { BoardColumn, BoardLayout } from "../../../../contracts/board.ts";
import type { Ticket, TicketStage } from "../../../../contracts/project.ts";
import { firstOfStage } from "../../../../domain/board/columns.ts";
import type { BoardModel } from "../model/board.ts";
import type { Columns } from "../model/own-writes.ts";

/** A column as views name it, and the stage that its tickets are in. */
export type ColumnInfo = Pick<BoardColumn, "id" | "name" | "stage">;

/** The columns of a project's boards, in their order; where there are several boards, named with the board. */
export function columnsOf({ boards }: Pick<BoardModel, "boards">): readonly ColumnInfo[] {
  if (boards.length === 1) return boards[0]?.columns ?? [];
  return boards.flatMap((board) =>
    board.columns.map(({ id, name, stage }) => ({ id, name: `${board.name}: ${name}`, stage })),
  );
}

/** The stage of a ticket's column. */
export function stageOf(ticket: Ticket, columns: readonly ColumnInfo[]): TicketStage {
  return columns.find(({ id }) => id === ticket.column)?.stage ?? "backlog";
}

/** Whether a ticket stands among finished work. */
export function isDone(ticket: Ticket, columns: readonly ColumnInfo[]): boolean {
  return stageOf(ticket, columns) === "done";
}

/** Columns' names by their ids, as a list of choices takes them. */
export function columnNames(columns: readonly ColumnInfo[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map(({ id, name }) => [id, name]));
}

/** The board that an address names; the first one where it names none of these. */
export function boardNamed(boards: readonly BoardLayout[], id: string | undefined): BoardLayout | undefined {
  return boards.find((board) => board.id === id) ?? boards[0];
}

/** The columns of one board, in its order. */
export function columnsOfBoard(all: Columns, board: BoardLayout | undefined): Columns {
  return new Map((board?.columns ?? []).map(({ id }) => [id, all.get(id) ?? []]));
}

/** How many tickets some columns have. */
export function countOf(columns: Columns): number {
  return [...columns.values()].reduce((sum, tickets) => sum + tickets.length, 0);
}

/** The column of a new ticket: the chosen one while the board has it, else the board's first one of the backlog, else its first. */
export function columnForNew(board: BoardLayout | undefined, chosen: string | null): BoardColumn | undefined {
  if (board === undefined) return undefined;
  return board.columns.find(({ id }) => id === chosen) ?? firstOfStage(board, "backlog") ?? board.columns[0];
}
