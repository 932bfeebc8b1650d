import type { DragStartEvent } from "@dnd-kit/core";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { BoardColumn } from "../../../../contracts/board.ts";
import {
  afterOf,
  columnWords,
  liftedColumn,
  lineOf,
  placeAt,
  steppedColumn,
  type ColumnDrag,
} from "../model/column-order.ts";
import { useBoardParts } from "../parts.ts";
import { followPoint } from "./follow-point.ts";

const prefix = "column-";

/** The name under which a column's head is dragged, beside the ids of tickets. */
export const columnDragId = (column: string): string => `${prefix}${column}`;

/** Everything about dragging a column by its head: the place under the pointer or the keys, the words, and the move itself. */
export function useColumnDrag(columns: readonly BoardColumn[], frame: RefObject<HTMLElement | null>) {
  const { writes } = useBoardParts();
  const [drag, setDrag] = useState<ColumnDrag | null>(null);
  const [words, setWords] = useState("");
  const now = useRef({ columns, drag });
  useLayoutEffect(() => {
    now.current = { columns, drag };
  });
  const aim = useCallback((next: ColumnDrag) => {
    const { columns: shown, drag: before } = now.current;
    if (before === null || before.to === next.to) return;
    now.current = { columns: shown, drag: next };
    setDrag(next);
    setWords(columnWords.over(shown, next));
  }, []);
  const pointX = useRef<number | null>(null);
  const byPointer = drag !== null && !drag.byKeyboard;
  useEffect(() => {
    if (!byPointer) return;
    return followPoint((at) => {
      const { drag: current } = now.current;
      // Where the board was scrolled under it, the pointer is where it was.
      pointX.current = at?.x ?? pointX.current;
      if (pointX.current === null || current === null) return;
      aim({ ...current, to: placeAt(middlesIn(frame.current, current.id), pointX.current) });
    });
  }, [byPointer, aim, frame]);

  // A column that goes to the right is taken out and put in again by the page, which takes the focus away.
  const focuses = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (focuses.current === null) return;
    frame.current?.querySelector<HTMLElement>(`[data-column-handle="${focuses.current}"]`)?.focus();
    focuses.current = null;
  }, [columns, frame]);

  const finish = (next: string) => {
    now.current = { columns, drag: null };
    pointX.current = null;
    setDrag(null);
    setWords(next);
  };
  return {
    drag,
    words,
    /** Takes back the words of the last drag. */
    hush: () => setWords(""),
    line: drag === null ? null : lineOf(columns, drag),
    onKey: useCallback(
      (code: string) => {
        const { columns: shown, drag: current } = now.current;
        const next = current === null ? null : steppedColumn(shown, current, code);
        if (next !== null) aim(next);
        return next !== null;
      },
      [aim],
    ),
    /** Begins the drag of a column; false for one of something else. */
    onDragStart: ({ active, activatorEvent }: DragStartEvent): boolean => {
      const name = String(active.id);
      if (!name.startsWith(prefix)) return false;
      const begun = liftedColumn(columns, name.slice(prefix.length), activatorEvent instanceof KeyboardEvent);
      now.current = { columns, drag: begun };
      setDrag(begun);
      setWords(begun === null ? "" : columnWords.lifted(columns, begun));
      return true;
    },
    onDragCancel: () => finish(drag === null ? "" : columnWords.cancelled(columns, drag)),
    onDragEnd: () => {
      const { drag: ended } = now.current;
      if (ended === null) return;
      finish(columnWords.dropped(columns, ended));
      const column = columns.find(({ id }) => id === ended.id);
      const after = afterOf(columns, ended);
      if (column === undefined || after === undefined) return;
      if (ended.byKeyboard) focuses.current = ended.id;
      void writes.moveColumn(column, after);
    },
  };
}

/** The middles of the other columns on the screen, in pixels from its left edge. */
function middlesIn(frame: HTMLElement | null, id: string): readonly number[] {
  return [...(frame?.querySelectorAll<HTMLElement>("[data-lane]") ?? [])]
    .filter((lane) => lane.dataset["lane"] !== id)
    .map((lane) => lane.getBoundingClientRect())
    .map(({ left, width }) => left + width / 2);
}
