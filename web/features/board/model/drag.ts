import type { Ticket } from "../../../../contracts/project.ts";
import type { Columns } from "./own-writes.ts";

/** A place among the visible tickets of a column that stay: before the one at `index`, or after the last. */
export interface Target {
  readonly column: string;
  readonly index: number;
}

/** Tickets that are being dragged, in the order of the board. */
export interface Drag {
  readonly ids: readonly string[];
  readonly moving: ReadonlySet<string>;
  /** The one that was taken hold of. */
  readonly leader: Ticket;
  readonly byKeyboard: boolean;
}

/** Each column's visible tickets that stay where they are. */
const staying = (columns: Columns, column: string, moving: ReadonlySet<string>) =>
  (columns.get(column) ?? []).filter(({ id }) => !moving.has(id));

/** The tickets of a selection in the order of the board; the one alone that was taken hold of, when it is not selected. */
export function draggedIds(columns: Columns, selected: ReadonlySet<string>, leader: string): readonly string[] {
  if (!selected.has(leader)) return [leader];
  return [...columns.values()].flat().flatMap(({ id }) => (selected.has(id) ? [id] : []));
}

/** The place where a drag begins: where its leader stands. */
export function startOf(columns: Columns, { leader, moving }: Drag): Target {
  const tickets = columns.get(leader.column) ?? [];
  const at = tickets.findIndex(({ id }) => id === leader.id);
  return { column: leader.column, index: tickets.slice(0, at).filter(({ id }) => !moving.has(id)).length };
}

/** The place after one key: an arrow within and between columns, Home and End within one; null for another key. */
export function stepped(columns: Columns, { moving }: Drag, { column, index }: Target, key: string): Target | null {
  const most = (of: string) => staying(columns, of, moving).length;
  const beside = (step: number): Target => {
    const order = [...columns.keys()];
    const next = order[order.indexOf(column) + step] ?? column;
    return { column: next, index: Math.min(index, most(next)) };
  };
  switch (key) {
    case "ArrowUp":
      return { column, index: Math.max(0, index - 1) };
    case "ArrowDown":
      return { column, index: Math.min(most(column), index + 1) };
    case "ArrowLeft":
      return beside(-1);
    case "ArrowRight":
      return beside(1);
    case "Home":
      return { column, index: 0 };
    case "End":
      return { column, index: most(column) };
    default:
      return null;
  }
}

/** The row of a visible column before which the tickets would come, with the moving ones counted as rows. */
export function rowOf(tickets: readonly Ticket[], moving: ReadonlySet<string>, index: number): number {
  let left = index;
  for (const [row, { id }] of tickets.entries()) {
    if (moving.has(id)) continue;
    if (left === 0) return row;
    left -= 1;
  }
  return tickets.length;
}

/** The index among the tickets that stay, of a place before a row. */
export function indexOfRow(tickets: readonly Ticket[], moving: ReadonlySet<string>, row: number): number {
  return tickets.slice(0, row).filter(({ id }) => !moving.has(id)).length;
}

const nameOf = ({ ids, leader }: Drag) =>
  ids.length === 1 ? `${leader.key}, ${leader.title},` : `${ids.length} tickets, ${leader.key} among them,`;
const verb = ({ ids }: Drag, one: string, more: string) => (ids.length === 1 ? one : more);

function placeWords({ columns, nameOf: named }: DragBoard, { ids, moving }: Drag, { column, index }: Target): string {
  const others = staying(columns, column, moving);
  const position = `position ${index + 1} of ${others.length + ids.length}`;
  const next = others[index];
  return `${named(column)}, ${position}${next === undefined ? "" : `, before ${next.key}`}`;
}

/** The columns that a drag goes over, with their names. */
interface DragBoard {
  readonly columns: Columns;
  readonly nameOf: (column: string) => string;
}

/** The sentences that a screen reader says during a drag. */
export const dragWords = {
  lifted: (board: DragBoard, drag: Drag, at: Target) =>
    `${nameOf(drag)} ${verb(drag, "is", "are")} lifted from ${placeWords(board, drag, at)}.`,
  over: (board: DragBoard, drag: Drag, at: Target) => `${drag.leader.key} is over ${placeWords(board, drag, at)}.`,
  outside: ({ leader }: Drag) => `${leader.key} is over no column.`,
  dropped: (board: DragBoard, drag: Drag, at: Target) =>
    `${nameOf(drag)} ${verb(drag, "was", "were")} dropped in ${placeWords(board, drag, at)}.`,
  cancelled: (board: DragBoard, drag: Drag) =>
    `The move was cancelled. ${nameOf(drag)} ${verb(drag, "stays", "stay")} in ${board.nameOf(drag.leader.column)}.`,
};
