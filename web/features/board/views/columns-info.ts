import type { Ticket, TicketColumn } from "../../../../contracts/project.ts";
import { columnOrder } from "../../../lib/vocabulary.ts";
import { columnLabels } from "../../../lib/words.ts";
import type { BoardModel } from "../model/board.ts";

/** A column as views name it, and the stage that its tickets are in. */
export interface ColumnInfo {
  readonly id: Ticket["column"];
  readonly name: string;
  readonly stage: TicketColumn;
}

const six: readonly ColumnInfo[] = columnOrder.map((id) => ({ id, name: columnLabels[id], stage: id }));

/** The columns of a project's boards, in their order. */
export function columnsOf(_model: BoardModel): readonly ColumnInfo[] {
  return six;
}

/** The stage of a ticket's column. */
export function stageOf(ticket: Ticket, columns: readonly ColumnInfo[]): TicketColumn {
  return columns.find(({ id }) => id === ticket.column)?.stage ?? "backlog";
}

/** Whether a ticket stands among finished work. */
export function isDone(ticket: Ticket, columns: readonly ColumnInfo[]): boolean {
  return stageOf(ticket, columns) === "done";
}

/** Columns' names by their ids, as a list of choices takes them. */
export function columnNames(columns: readonly ColumnInfo[]): Readonly<Record<Ticket["column"], string>> {
  return Object.fromEntries(columns.map(({ id, name }) => [id, name])) as Record<Ticket["column"], string>;
}
