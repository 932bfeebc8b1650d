import type { BoardColumn } from "../../../../contracts/board.ts";
import type { Ticket, TicketStage } from "../../../../contracts/project.ts";
import type { BoardModel } from "../model/board.ts";

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
