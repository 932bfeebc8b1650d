import { useDroppable } from "@dnd-kit/core";
import { useVirtualizer, type Range } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { BoardColumn, BoardLayout } from "../../../contracts/board.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { cx } from "../../components/ui/cx.ts";
import { DraggableCard, type CardActions } from "./card.tsx";
import type { LaneHandle } from "./drag/use-board-drag.ts";
import { LaneHead } from "./lane-head.tsx";
import type { LayoutWrites } from "./layout/layout-writes.ts";
import { indexOfRow, rowOf } from "./model/drag.ts";
import { noLookers, type Lookers } from "./parts.ts";
import { SuggestionMark } from "./suggestions/mark.tsx";

interface LaneProps {
  readonly column: BoardColumn;
  /** Its board, for who may change the columns; null for others. */
  readonly board: BoardLayout | null;
  readonly planning: LayoutWrites;
  /** How many tickets the column has, with those that the filter hides. */
  readonly total: number;
  readonly tickets: readonly Ticket[];
  readonly filtered: boolean;
  readonly openTicket: string | null;
  readonly selected: ReadonlySet<string>;
  readonly moving: ReadonlySet<string> | null;
  /** The ticket that was taken hold of, whose card stays mounted. */
  readonly leader: string | null;
  /** The place among the tickets that stay where the drag would drop; null when it is over another column. */
  readonly dropAt: number | null;
  /** The side at which a dragged column would drop; null for none. */
  readonly line: "left" | "right" | null;
  /** Whether this column is the one that is dragged. */
  readonly isMoving: boolean;
  readonly lookers: Lookers;
  readonly mayMove: boolean;
  readonly actions: CardActions;
  readonly register: (column: string, lane: LaneHandle | null) => void;
}

const gap = 8;
const padding = 4;

/** One column: a list of its own scrolling, of which only the cards in view exist. */
export const Lane = memo(function Lane(props: LaneProps) {
  const { column, total, tickets, filtered, openTicket, selected, moving, leader, dropAt } = props;
  const scroller = useRef<HTMLDivElement | null>(null);
  const { setNodeRef } = useDroppable({ id: `lane-${column.id}` });
  const leaderRow = leader === null ? -1 : tickets.findIndex(({ id }) => id === leader);
  const virtual = useVirtualizer({
    count: tickets.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 92,
    getItemKey: (index) => tickets[index]?.id ?? index,
    gap,
    paddingStart: padding,
    paddingEnd: padding + gap,
    scrollPaddingStart: padding,
    scrollPaddingEnd: padding,
    overscan: 6,
    initialRect: { width: 280, height: 800 },
    rangeExtractor: useCallback((range: Range) => rowsOf(range, leaderRow), [leaderRow]),
  });
  const total_ = virtual.getTotalSize();
  useKeptPlace(scroller, virtual, tickets);

  const { register } = props;
  useEffect(() => {
    register(column.id, {
      indexAt: (x, y, taken) => {
        const rect = scroller.current?.getBoundingClientRect();
        if (rect === undefined || x < rect.left - gap || x > rect.right + gap) return null;
        const offset = y - rect.top + (scroller.current?.scrollTop ?? 0);
        const row = virtual.measurementsCache.findIndex(({ size, start }) => offset < start + size / 2);
        return indexOfRow(tickets, taken, row === -1 ? tickets.length : row);
      },
      reveal: (index, taken) => {
        if (tickets.length > 0) virtual.scrollToIndex(Math.min(tickets.length - 1, rowOf(tickets, taken, index)));
        scroller.current?.closest("[data-lane]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
      },
    });
    return () => register(column.id, null);
  }, [register, column.id, tickets, virtual]);

  const dropRow = dropAt === null || moving === null ? null : rowOf(tickets, moving, dropAt);
  const lineAt =
    dropRow === null
      ? 0
      : (virtual.measurementsCache[dropRow]?.start ?? (virtual.measurementsCache.at(-1)?.end ?? padding) + gap) -
        gap / 2;
  return (
    <section
      data-lane={column.id}
      aria-label={column.name}
      className={cx(
        "relative flex w-[82vw] max-w-80 shrink-0 snap-start scroll-mx-4 flex-col sm:w-70 xl:w-auto xl:min-w-44 xl:flex-1 xl:basis-0",
        props.isMoving && "opacity-45",
      )}
    >
      <LaneHead
        column={column}
        board={props.board}
        planning={props.planning}
        shown={filtered ? tickets.length : null}
        total={total}
      />
      {props.line !== null && (
        <span
          aria-hidden
          data-column-line
          className={cx(
            "pointer-events-none absolute inset-y-0 w-0.5 rounded-full bg-lime-text",
            props.line === "left" ? "-left-[7px]" : "-right-[7px]",
          )}
        />
      )}
      <div
        data-lane-cards
        ref={(element) => {
          scroller.current = element;
          setNodeRef(element);
        }}
        className={cx(
          "relative min-h-0 flex-1 overflow-y-auto overscroll-y-contain rounded-xl [overflow-anchor:none]",
          dropRow !== null && "bg-panel",
        )}
      >
        {tickets.length === 0 ? (
          <p
            className={cx(
              "m-1 rounded-xl border border-dashed px-3 py-4 text-center text-xs text-muted",
              dropRow === null ? "border-line" : "border-lime-line bg-lime-soft",
            )}
          >
            {dropRow !== null ? "Drop here" : total === 0 ? "No tickets" : "None match"}
          </p>
        ) : (
          <ul className="relative" style={{ height: total_ }}>
            {virtual.getVirtualItems().map((item) => {
              const ticket = tickets[item.index];
              return ticket === undefined ? null : (
                <li
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  aria-setsize={tickets.length}
                  aria-posinset={item.index + 1}
                  className="absolute inset-x-1 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <DraggableCard
                    ticket={ticket}
                    isOpen={ticket.id === openTicket}
                    isSelected={selected.has(ticket.id)}
                    isMoving={moving?.has(ticket.id) === true}
                    lookers={props.lookers.get(ticket.id) ?? noLookers}
                    mayMove={props.mayMove}
                    actions={props.actions}
                  />
                  <SuggestionMark ticket={ticket} onOpen={props.actions.open} />
                </li>
              );
            })}
            {dropRow !== null && (
              <li
                aria-hidden
                data-drop-line
                className="pointer-events-none absolute inset-x-1 top-0 z-10 h-0.5 -translate-y-1/2 rounded-full bg-lime-text"
                style={{ transform: `translateY(${lineAt - 1}px)` }}
              />
            )}
          </ul>
        )}
      </div>
    </section>
  );
});

function rowsOf({ count, endIndex, overscan, startIndex }: Range, kept: number): number[] {
  const from = Math.max(0, startIndex - overscan);
  const to = Math.min(count - 1, endIndex + overscan);
  const rows = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  if (kept === -1 || kept >= count || rows.includes(kept)) return rows;
  return [...rows, kept].toSorted((a, b) => a - b);
}

/** Keeps the first card in view where it is when cards come or go above it. */
function useKeptPlace(
  scroller: { readonly current: HTMLDivElement | null },
  virtual: ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>,
  tickets: readonly Ticket[],
): void {
  const kept = useRef<{ readonly id: string; readonly above: number } | null>(null);
  const before = useRef(tickets);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (before.current !== tickets && kept.current !== null && element.scrollTop > padding) {
      const { above, id } = kept.current;
      const row = tickets.findIndex((ticket) => ticket.id === id);
      const start = row === -1 ? undefined : virtual.measurementsCache[row]?.start;
      if (start !== undefined && start + above !== element.scrollTop) element.scrollTop = start + above;
    }
    before.current = tickets;
    const first = virtual.measurementsCache.find(({ end }) => end > element.scrollTop);
    const ticket = first === undefined ? undefined : tickets[first.index];
    kept.current =
      first === undefined || ticket === undefined ? null : { id: ticket.id, above: element.scrollTop - first.start };
  });
}
