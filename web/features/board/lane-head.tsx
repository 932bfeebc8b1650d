import { useDraggable } from "@dnd-kit/core";
import { GripVertical } from "lucide-react";
import type { BoardColumn, BoardLayout } from "../../../contracts/board.ts";
import { cx } from "../../components/ui/cx.ts";
import { columnDragId } from "./drag/use-column-drag.ts";
import { ColumnMenu } from "./layout/column-menu.tsx";
import type { LayoutWrites } from "./layout/layout-writes.ts";

interface LaneHeadProps {
  readonly column: BoardColumn;
  /** Its board, for who may change the columns; null for others. */
  readonly board: BoardLayout | null;
  readonly planning: LayoutWrites;
  /** How many of its tickets a filter leaves; null without one. */
  readonly shown: number | null;
  readonly total: number;
}

/** The head of a column: its name and count, and for those who plan its menu and a handle; they drag it by the name too. */
export function LaneHead({ board, column, planning, shown, total }: LaneHeadProps) {
  const { listeners, setActivatorNodeRef, setNodeRef } = useDraggable({
    id: columnDragId(column.id),
    disabled: board === null,
  });
  // Not around the menu: its entries and dialogs are no part of the handle.
  const drags = board === null ? {} : listeners;
  return (
    <div ref={setNodeRef} className="group/head flex h-8 shrink-0 items-center gap-1 px-1">
      <h2
        {...drags}
        className={cx(
          "flex min-w-0 flex-1 items-center gap-2 font-medium",
          board !== null && "cursor-grab touch-manipulation select-none [-webkit-touch-callout:none]",
        )}
      >
        <span className="truncate" title={column.name}>
          {column.name}
        </span>
        <ColumnCount shown={shown} total={total} limit={column.wipLimit} />
      </h2>
      {board !== null && (
        <>
          <button
            ref={setActivatorNodeRef}
            type="button"
            {...drags}
            data-column-handle={column.id}
            aria-label={`Column ${column.name}: move`}
            title="Drag to move; or Space, the arrow keys, and Space again"
            className="hidden h-7 w-5 shrink-0 cursor-grab items-center justify-center rounded-md text-muted opacity-0 group-hover/head:opacity-100 hover:bg-hover focus-visible:opacity-100 md:flex"
          >
            <GripVertical className="size-3.5" aria-hidden />
          </button>
          <ColumnMenu board={board} column={column} total={total} writes={planning} />
        </>
      )}
    </div>
  );
}

/** A column's name as it hangs at the pointer. */
export function DraggedColumn({ name }: { name: string }) {
  return (
    <div className="flex h-8 cursor-grabbing items-center rounded-lg border border-line-strong bg-raised px-3 font-medium shadow-pop">
      <span className="truncate">{name}</span>
    </div>
  );
}

/** How many tickets a column has, with its limit; more than that are marked. */
function ColumnCount({ shown, total, limit }: { shown: number | null; total: number; limit: number | null }) {
  const isOver = limit !== null && total > limit;
  return (
    <span
      className={cx("tabular shrink-0", isOver ? "font-medium text-amber" : "font-normal text-muted")}
      {...(isOver ? { title: `${total - limit} more than the limit of ${limit}` } : {})}
    >
      {shown === null ? total : `${shown}/${total}`}
      {limit !== null && ` / ${limit}`}
    </span>
  );
}
