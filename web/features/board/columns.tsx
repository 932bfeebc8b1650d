import { DndContext, DragOverlay, pointerWithin } from "@dnd-kit/core";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { BoardLayout } from "../../../contracts/board.ts";
import { useHotkey } from "../../lib/hotkeys.ts";
import { CardFace, type CardActions } from "./card.tsx";
import { useBoardDrag } from "./drag/use-board-drag.ts";
import { useColumnDrag } from "./drag/use-column-drag.ts";
import { layoutWrites } from "./layout/layout-writes.ts";
import { useBoard } from "./store.ts";
import { Lane } from "./lane.tsx";
import { DraggedColumn } from "./lane-head.tsx";
import { draggedIds, type Drag } from "./model/drag.ts";
import type { Columns as TicketColumns } from "./model/own-writes.ts";
import { nothingSelected, ranged, stillVisible, toggled } from "./model/selection.ts";
import { noLookers, useBoardParts, type Lookers } from "./parts.ts";
import { useMayOnBoard } from "./refusal.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { walkCards } from "./walk.ts";

interface ColumnsProps {
  readonly board: BoardLayout | undefined;
  /** Its whole columns, and the tickets that the filter leaves of them. */
  readonly columns: TicketColumns;
  readonly visible: TicketColumns;
  readonly filtered: boolean;
  readonly openTicket: string | null;
  readonly onOpen: (id: string) => void;
  readonly lookers: Lookers;
  readonly mayMove: boolean;
}

const noColumns: BoardLayout["columns"] = [];

const silent = {
  onDragStart: () => undefined,
  onDragOver: () => undefined,
  onDragEnd: () => undefined,
  onDragCancel: () => undefined,
};
const instructions = {
  draggable:
    "Enter opens the ticket. Space lifts it; then the arrow keys move it within and between columns, Space drops it and Escape cancels.",
};

/** The columns of cards. Arrow keys and J K L H walk the cards, X selects, Space lifts; the pointer and a long press drag. */
export function Columns({ board, columns, visible, filtered, openTicket, onOpen, lookers, mayMove }: ColumnsProps) {
  const { store, writes } = useBoardParts();
  const projectId = useBoard(store, ({ model }) => model.project.id);
  const layout = board?.columns ?? noColumns;
  const planning = useMemo(() => layoutWrites(projectId), [projectId]);
  const mayPlan = useMayOnBoard("project.update");
  const frame = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(nothingSelected);
  const selection = useMemo(() => stillVisible(chosen, visible), [chosen, visible]);
  const clear = () => setChosen(nothingSelected);
  const columnDrag = useColumnDrag(layout, frame);
  const { onKey: otherKey } = columnDrag;
  const drag = useBoardDrag({ columns, visible, selected: selection.ids, clearSelection: clear, otherKey });
  const { drag: dragged, target } = drag;
  const isDragging = dragged !== null || columnDrag.drag !== null;
  useHotkey("escape", clear, { enabled: selection.ids.size > 0 && !isDragging });

  const latest = useRef({ visible, onOpen });
  latest.current = { visible, onOpen };
  const [actions] = useState<CardActions>(() => ({
    open: (id) => latest.current.onOpen(id),
    toggle: (id) => setChosen((before) => toggled(before, id)),
    selectTo: (id) => setChosen((before) => ranged(before, latest.current.visible, id)),
  }));
  const onKeyDown = (event: KeyboardEvent) => {
    if (isDragging) return;
    const card = document.activeElement?.getAttribute("data-card") ?? null;
    if (event.key === "x" && card !== null && !event.metaKey && !event.ctrlKey) actions.toggle(card);
    else walkCards(frame.current, event);
  };
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <DndContext
        sensors={drag.sensors}
        collisionDetection={pointerWithin}
        onDragStart={(event) => {
          if (columnDrag.onDragStart(event)) return drag.hush();
          columnDrag.hush();
          drag.onDragStart(event);
        }}
        onDragEnd={columnDrag.drag === null ? drag.onDragEnd : columnDrag.onDragEnd}
        onDragCancel={columnDrag.drag === null ? drag.onDragCancel : columnDrag.onDragCancel}
        accessibility={{ announcements: silent, screenReaderInstructions: instructions }}
        autoScroll={{ threshold: { x: 0.12, y: 0.14 } }}
      >
        <div
          ref={frame}
          onKeyDown={onKeyDown}
          className={
            !isDragging
              ? "-mt-1 flex min-h-0 flex-1 snap-x snap-mandatory gap-3 overflow-x-auto px-4 pt-1 pb-3 md:snap-none"
              : "-mt-1 flex min-h-0 flex-1 cursor-grabbing gap-3 overflow-x-auto px-4 pt-1 pb-3"
          }
        >
          {layout.map((column) => (
            <Lane
              key={column.id}
              column={column}
              board={mayPlan && board !== undefined ? board : null}
              planning={planning}
              total={columns.get(column.id)?.length ?? 0}
              tickets={visible.get(column.id) ?? []}
              filtered={filtered}
              openTicket={openTicket}
              selected={selection.ids}
              moving={dragged?.moving ?? null}
              leader={dragged?.leader.id ?? null}
              dropAt={target?.column === column.id ? target.index : null}
              line={columnDrag.line?.at === column.id ? columnDrag.line.side : null}
              isMoving={columnDrag.drag?.id === column.id}
              lookers={lookers}
              mayMove={mayMove}
              actions={actions}
              register={drag.register}
            />
          ))}
        </div>
        <DragOverlay dropAnimation={null}>
          {dragged !== null && !dragged.byKeyboard && <DraggedCards drag={dragged} />}
          {columnDrag.drag !== null && !columnDrag.drag.byKeyboard && (
            <DraggedColumn name={store.nameOf(columnDrag.drag.id)} />
          )}
        </DragOverlay>
      </DndContext>
      <p role="status" aria-live="assertive" className="sr-only" data-drag-words>
        {drag.words}
        {columnDrag.words}
      </p>
      {selection.ids.size > 0 && !isDragging && (
        <SelectionBar
          count={selection.ids.size}
          layout={layout}
          mayMove={mayMove}
          onClear={clear}
          onMove={(column) => {
            const [first = ""] = selection.ids;
            void writes.move(draggedIds(visible, selection.ids, first), { column, before: null });
            clear();
          }}
        />
      )}
    </div>
  );
}

/** The card under the pointer, with the number of those that come along. */
function DraggedCards({ drag: { ids, leader } }: { drag: Drag }) {
  return (
    <div className="relative cursor-grabbing">
      {ids.length > 1 && (
        <span
          aria-hidden
          className="absolute inset-x-1.5 top-1.5 -bottom-1.5 rounded-xl border border-line-strong bg-card"
        />
      )}
      <span className="relative block rounded-xl text-left shadow-pop">
        <CardFace ticket={leader} marked lookers={noLookers} />
      </span>
      {ids.length > 1 && (
        <span className="tabular absolute -top-2 -right-2 flex h-5 min-w-5 items-center justify-center rounded-full bg-text px-1.5 text-xs font-semibold text-bg">
          {ids.length}
        </span>
      )}
    </div>
  );
}
