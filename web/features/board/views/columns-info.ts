import type { Ticket, TicketColumn } from "../../../../contracts/project.ts";
import { columnOrder } from "../../../lib/vocabulary.ts";
import { columnLabels } from "../../../lib/words.ts";
import type { BoardModel } from "../model/board.ts";

/** A column as views name it, and the stage that its tickets are in. */
export interface ColumnInfo {
  readonly id: string;
  readonly name: string;
  readonly stage: TicketColumn;
}

const six: readonly ColumnInfo[] = columnOrder.map((id) => ({ id, name: columnLabels[id], stage: id }));

/** The columns of a project's boards, in their order. */
export function columnsOf(_model: BoardModel): readonly ColumnInfo[] {
  return six;
}

/** Whether a ticket stands among finished work. */
export function isDone(ticket: Ticket, columns: readonly ColumnInfo[]): boolean {
  return columns.find(({ id }) => id === ticket.column)?.stage === "done";
}
