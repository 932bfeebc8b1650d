import type { BoardColumn, BoardLayout } from "../../../../contracts/board.ts";
import type { OwnWrite } from "./own-writes.ts";

/** A column that is being dragged among the others of its board. */
export interface ColumnDrag {
  readonly id: string;
  /** Its place among the columns that stay: before the one at this index, or behind the last. */
  readonly to: number;
  readonly byKeyboard: boolean;
}

type Named = Pick<BoardColumn, "id" | "name">;
const others = <T extends Named>(columns: readonly T[], id: string) => columns.filter((each) => each.id !== id);

/** A drag at its beginning: the column is where it stands. */
export function liftedColumn(columns: readonly Named[], id: string, byKeyboard: boolean): ColumnDrag | null {
  const to = columns.findIndex((each) => each.id === id);
  return to === -1 ? null : { id, to, byKeyboard };
}

/** The drag after one key: an arrow, Home or End; null for another key. */
export function steppedColumn(columns: readonly Named[], drag: ColumnDrag, key: string): ColumnDrag | null {
  const last = others(columns, drag.id).length;
  const places: Readonly<Record<string, number>> = {
    ArrowLeft: Math.max(0, drag.to - 1),
    ArrowRight: Math.min(last, drag.to + 1),
    Home: 0,
    End: last,
  };
  const to = places[key];
  return to === undefined ? null : { ...drag, to };
}

/** The place for a pointer at `x`: behind every other column whose middle, in pixels, is left of it. */
export function placeAt(middles: readonly number[], x: number): number {
  return middles.filter((middle) => middle < x).length;
}

/** The column after which a drag would put its own, null for the first place; undefined where it stands there already. */
export function afterOf(columns: readonly Named[], { id, to }: ColumnDrag): string | null | undefined {
  const at = columns.findIndex((each) => each.id === id);
  if (at === -1 || at === to) return undefined;
  const rest = others(columns, id);
  // Somebody may have removed columns meanwhile.
  return rest[Math.min(to, rest.length) - 1]?.id ?? null;
}

/** Where the line of a drag stands: at the left of the column before which it would drop, or at the right of the last one. */
export function lineOf(
  columns: readonly Named[],
  drag: ColumnDrag,
): { readonly at: string; readonly side: "left" | "right" } | null {
  if (afterOf(columns, drag) === undefined) return null;
  const rest = others(columns, drag.id);
  const next = rest[drag.to];
  const last = rest.at(-1);
  if (next !== undefined) return { at: next.id, side: "left" };
  return last === undefined ? null : { at: last.id, side: "right" };
}

/** The boards with the columns where this page's own writes put them; the same object without such a write. */
export function withMovedColumns(boards: readonly BoardLayout[], writes: readonly OwnWrite[]): readonly BoardLayout[] {
  let next = boards;
  for (const write of writes)
    if (write.kind === "move_column") next = next.map((board) => moved(board, write.columnId, write.after));
  return next;
}

/** The board with one column behind another, or first; the same board where either of them is not in it. */
function moved(board: BoardLayout, id: string, after: string | null): BoardLayout {
  const column = board.columns.find((each) => each.id === id);
  const rest = others(board.columns, id);
  const at = after === null ? 0 : rest.findIndex((each) => each.id === after) + 1;
  if (column === undefined || (after !== null && at === 0)) return board;
  return { ...board, columns: [...rest.slice(0, at), column, ...rest.slice(at)] };
}

const nameOf = (columns: readonly Named[], id: string) => columns.find((each) => each.id === id)?.name ?? "The column";

function placeWords(columns: readonly Named[], { id, to }: ColumnDrag): string {
  const rest = others(columns, id);
  const next = rest[to];
  return `position ${to + 1} of ${rest.length + 1}${next === undefined ? "" : `, before ${next.name}`}`;
}

/** The sentences that a screen reader says while a column is dragged. */
export const columnWords = {
  lifted: (columns: readonly Named[], drag: ColumnDrag) =>
    `The column ${nameOf(columns, drag.id)} is lifted from ${placeWords(columns, drag)}.`,
  over: (columns: readonly Named[], drag: ColumnDrag) => `It is over ${placeWords(columns, drag)}.`,
  dropped: (columns: readonly Named[], drag: ColumnDrag) =>
    `The column ${nameOf(columns, drag.id)} was dropped at ${placeWords(columns, drag)}.`,
  cancelled: (columns: readonly Named[], drag: ColumnDrag) =>
    `The move was cancelled. The column ${nameOf(columns, drag.id)} stays where it was.`,
};
