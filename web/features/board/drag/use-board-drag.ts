import { MouseSensor, TouchSensor, useSensor, useSensors, type DragStartEvent } from "@dnd-kit/core";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { followPoint } from "./follow-point.ts";
import { KeySensor } from "./key-sensor.ts";
import { draggedIds, dragWords, startOf, stepped, type Drag, type Target } from "../model/drag.ts";
import { beforeAt, placed, sameList } from "../model/order.ts";
import type { Columns } from "../model/own-writes.ts";
import { useBoardParts } from "../parts.ts";

/** A column on the screen, as a drag asks it. */
export interface LaneHandle {
  /** The index among the tickets that stay, for a height on the screen; null when this column isn't at that x. */
  readonly indexAt: (x: number, y: number, moving: ReadonlySet<string>) => number | null;
  /** Brings a place into view. */
  readonly reveal: (index: number, moving: ReadonlySet<string>) => void;
}

interface BoardDragOptions {
  /** The whole columns. */
  readonly columns: Columns;
  /** The tickets that the filter leaves. */
  readonly visible: Columns;
  readonly selected: ReadonlySet<string>;
  readonly clearSelection: () => void;
  /** Takes a key during a drag that is not of cards; false when it means nothing. */
  readonly otherKey: (code: string) => boolean;
}

const sameTarget = (a: Target | null, b: Target | null) => a?.column === b?.column && a?.index === b?.index;

/** Everything about dragging cards: sensors, the place under the pointer or the keys, the words for a screen reader, and the move itself. */
export function useBoardDrag({ columns, visible, selected, clearSelection, otherKey }: BoardDragOptions) {
  const { store, writes } = useBoardParts();
  const [drag, setDrag] = useState<Drag | null>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const [words, setWords] = useState("");
  const lanes = useRef(new Map<string, LaneHandle>());
  const now = useRef({ columns, visible, selected, drag, target });
  useLayoutEffect(() => {
    now.current = { columns, visible, selected, drag, target };
  });

  const aim = useCallback(
    (next: Target | null) => {
      const { drag: current, target: before, visible: shown } = now.current;
      if (current === null || sameTarget(before, next)) return;
      now.current = { ...now.current, target: next };
      setTarget(next);
      setWords(
        next === null
          ? dragWords.outside(current)
          : dragWords.over({ columns: shown, nameOf: store.nameOf }, current, next),
      );
    },
    [store],
  );

  const point = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const aimAtPoint = useCallback(() => {
    const { drag: current } = now.current;
    if (current === null || current.byKeyboard || point.current === null) return;
    const { x, y } = point.current;
    for (const [column, lane] of lanes.current) {
      const index = lane.indexAt(x, y, current.moving);
      if (index !== null) return aim({ column, index });
    }
    aim(null);
  }, [aim]);
  useEffect(() => {
    if (drag === null || drag.byKeyboard) return;
    return followPoint((at) => {
      if (at !== null) point.current = at;
      aimAtPoint();
    });
  }, [drag, aimAtPoint]);
  // Somebody else's change may put another card under a pointer that rests.
  useEffect(aimAtPoint, [visible, aimAtPoint]);

  const onKey = useCallback(
    (code: string) => {
      const { drag: current, target: at, visible: shown } = now.current;
      if (current === null) return otherKey(code);
      const next = at === null ? null : stepped(shown, current, at, code);
      if (next === null) return false;
      lanes.current.get(next.column)?.reveal(next.index, current.moving);
      aim(next);
      return true;
    },
    [aim, otherKey],
  );
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 5 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 260, tolerance: 8 } }),
    useSensor(KeySensor, { onKey }),
  );

  const finish = (next: string) => {
    setDrag(null);
    setTarget(null);
    setWords(next);
    point.current = null;
  };
  return {
    sensors,
    drag,
    target,
    words,
    /** Takes back the words of the last drag. */
    hush: () => setWords(""),
    register: useCallback((column: string, lane: LaneHandle | null) => {
      if (lane === null) lanes.current.delete(column);
      else lanes.current.set(column, lane);
    }, []),
    onDragStart: ({ active, activatorEvent }: DragStartEvent) => {
      const leader = store.read().tickets.get(String(active.id));
      if (leader === undefined) return;
      if (!selected.has(leader.id)) clearSelection();
      const ids = draggedIds(visible, selected, leader.id);
      const begun = { ids, moving: new Set(ids), leader, byKeyboard: activatorEvent instanceof KeyboardEvent };
      const at = startOf(visible, begun);
      now.current = { ...now.current, drag: begun, target: at };
      setDrag(begun);
      setTarget(at);
      setWords(dragWords.lifted({ columns: visible, nameOf: store.nameOf }, begun, at));
    },
    onDragCancel: () =>
      finish(drag === null ? "" : dragWords.cancelled({ columns: visible, nameOf: store.nameOf }, drag)),
    onDragEnd: () => {
      const { target: at } = now.current;
      if (drag === null) return;
      if (at === null) return finish(dragWords.cancelled({ columns: visible, nameOf: store.nameOf }, drag));
      finish(dragWords.dropped({ columns: visible, nameOf: store.nameOf }, drag, at));
      const column = columns.get(at.column) ?? [];
      const before = beforeAt(column, visible.get(at.column) ?? [], drag.moving, at.index);
      const { tickets } = store.read();
      const moving = drag.ids.flatMap((id) => tickets.get(id) ?? []);
      clearSelection();
      const isSame = sameList(placed(column, moving, before), column);
      if (moving.length > 0 && !isSame)
        void writes.move(
          moving.map(({ id }) => id),
          { column: at.column, before },
        );
    },
  };
}
