import { useVirtualizer, type Range } from "@tanstack/react-virtual";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { Person } from "../../../../../contracts/common.ts";
import type { Ticket } from "../../../../../contracts/project.ts";
import { cx } from "../../../../components/ui/cx.ts";
import { useHotkey } from "../../../../lib/hotkeys.ts";
import { usePeople } from "../../../../lib/people.ts";
import { nothingSelected, stillVisible, toggled } from "../../model/selection.ts";
import { useBoardParts } from "../../parts.ts";
import { SelectionBar } from "../../selection-bar.tsx";
import { Select } from "../../select.tsx";
import { useBoard } from "../../store.ts";
import type { OtherViewProps } from "../board-views.tsx";
import { ListLine, lineGrid, type LineActions } from "./list-line.tsx";
import { groupingOf, nextSort, rowsOf, sortOf, type Grouping, type ListRow, type Sort, type SortKey } from "./rows.ts";

const heads: readonly { readonly key: SortKey; readonly label: string; readonly className: string }[] = [
  { key: "key", label: "Key", className: "" },
  { key: "title", label: "Title", className: "" },
  { key: "type", label: "Type", className: "@max-4xl:hidden" },
  { key: "priority", label: "Priority", className: "@max-2xl:hidden" },
  { key: "column", label: "Column", className: "@max-2xl:hidden" },
  { key: "assignee", label: "Assignee", className: "@max-2xl:hidden" },
  { key: "labels", label: "Labels", className: "@max-4xl:hidden" },
  { key: "repository", label: "Repository", className: "@max-6xl:hidden" },
  { key: "updated", label: "Updated", className: "@max-4xl:hidden" },
];
const groupLabels: Record<Grouping, string> = {
  none: "No groups",
  column: "By column",
  assignee: "By assignee",
  priority: "By priority",
  epic: "By epic",
};
/** Below this width of the list, in pixels, a ticket has two lines. */
const narrowPx = 672;

/** The tickets as a table, of which only the rows in view exist. J and K walk, Enter opens, X selects, E edits the title, a full stop opens the actions. */
export function ListView({ look, mayMove, onOpen, openTicket }: OtherViewProps) {
  const { address, info, visible } = look;
  const { store, writes } = useBoardParts();
  const all = useBoard(store, (shown) => shown.tickets);
  const sort = sortOf(address.search.sort);
  const group = groupingOf(address.search.group);
  const tickets = useMemo(() => [...visible.values()].flat(), [visible]);
  const rows = useMemo(
    () => rowsOf(tickets, { sort: sortOf(address.search.sort), group, columns: info, ticketOf: (id) => all.get(id) }),
    [tickets, address.search.sort, group, info, all],
  );
  const [chosen, setChosen] = useState(nothingSelected);
  const selection = useMemo(() => stillVisible(chosen, visible), [chosen, visible]);
  const clear = () => setChosen(nothingSelected);
  useHotkey("escape", clear, { enabled: selection.ids.size > 0 });
  const list = useListRows(rows);
  const people = usePeople(useAssignees(all));
  const opened = useRef(onOpen);
  opened.current = onOpen;
  const { setActive, setEditing, setMenu } = list;
  const actions = useMemo<LineActions>(
    () => ({
      open: (id) => opened.current(id),
      toggle: (id) => setChosen((before) => toggled(before, id)),
      edit: setEditing,
      menu: setMenu,
      focus: setActive,
    }),
    [setActive, setEditing, setMenu],
  );
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div className="flex h-8 shrink-0 items-center gap-2 px-4 text-xs text-muted">
        <Select
          label="Group by"
          value={group}
          options={groupLabels}
          onChange={(next) => address.change({ group: next === "none" ? undefined : next })}
          look="quiet"
        />
      </div>
      <div
        ref={list.scroller}
        role="table"
        aria-label="Tickets"
        aria-rowcount={rows.length + 1}
        onKeyDown={(event) => list.onKeyDown(event, actions)}
        className="@container min-h-0 flex-1 overflow-auto [overflow-anchor:none]"
      >
        <Heads sort={sort} onSort={(key) => address.change({ sort: nextSort(sort, key) })} />
        <div role="rowgroup" className="relative" style={{ height: list.virtual.getTotalSize() }}>
          {list.virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <div
                key={row.id}
                role="row"
                aria-rowindex={item.index + 2}
                className="absolute inset-x-0 top-0"
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                {row.kind === "group" ? (
                  <h3 role="cell" className="flex h-full items-end gap-2 px-4 pb-1 text-xs font-medium">
                    {row.label} <span className="tabular font-normal text-muted">{row.count}</span>
                  </h3>
                ) : (
                  <ListLine
                    ticket={row.ticket}
                    info={info}
                    people={people}
                    isOpen={row.id === openTicket}
                    isSelected={selection.ids.has(row.id)}
                    isActive={row.id === list.activeId}
                    isEditing={row.id === list.editing}
                    hasMenu={row.id === list.menu}
                    mayMove={mayMove}
                    actions={actions}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {selection.ids.size > 0 && (
        <SelectionBar
          count={selection.ids.size}
          layout={look.info}
          mayMove={mayMove}
          onClear={clear}
          onMove={(column) => {
            const ids = rows.flatMap(({ id }) => (selection.ids.has(id) ? [id] : []));
            void writes.move(ids, { column, before: null });
            clear();
          }}
        />
      )}
    </div>
  );
}

/** The people who have one of these tickets. */
function useAssignees(tickets: ReadonlyMap<string, Ticket>): readonly Person[] {
  return useMemo(
    () => [...tickets.values()].flatMap(({ assignee }) => (assignee === null ? [] : [assignee])),
    [tickets],
  );
}

function Heads({ onSort, sort }: { sort: Sort; onSort: (key: SortKey) => void }) {
  return (
    <div role="rowgroup" className="sticky top-0 z-10 bg-bg @max-2xl:hidden">
      <div role="row" aria-rowindex={1} className={cx(lineGrid, "h-8 border-b border-line text-xs text-muted")}>
        <span role="columnheader">
          <span className="sr-only">Selected</span>
        </span>
        {heads.map(({ className, key, label }) => {
          const isSorted = sort.key === key;
          const Arrow = sort.descending ? ChevronDown : ChevronUp;
          return (
            <span
              key={key}
              role="columnheader"
              aria-sort={isSorted ? (sort.descending ? "descending" : "ascending") : "none"}
              className={className}
            >
              <button
                type="button"
                onClick={() => onSort(key)}
                className="inline-flex h-7 items-center gap-1 rounded hover:text-text"
              >
                {label}
                {isSorted && <Arrow className="size-3" aria-hidden />}
              </button>
            </span>
          );
        })}
      </div>
    </div>
  );
}

/** The rows in view, the one that has the keyboard, and the one that is edited or has its menu open. */
function useListRows(rows: readonly ListRow[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const [activeId, setActive] = useState<string | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const isNarrow = useNarrow(scroller);
  const activeRow = rows.findIndex(({ id }) => id === activeId);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === "group" ? 36 : isNarrow ? 60 : 40),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
    initialRect: { width: 1000, height: 800 },
    // Rows come to rest under the sticky heads, not behind them.
    scrollPaddingStart: 36,
    scrollMargin: 0,
    rangeExtractor: useCallback((range: Range) => rowsIn(range, activeRow), [activeRow]),
  });
  useEffect(() => virtual.measure(), [virtual, isNarrow, rows]);
  useEffect(() => {
    if (!wantsFocus.current || activeId === null) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-card="${activeId}"]`)?.focus({ preventScroll: true });
  }, [activeId]);

  const step = (by: number) => {
    let at = activeRow === -1 ? (by > 0 ? -1 : rows.length) : activeRow;
    do at += by;
    while (rows[at]?.kind === "group");
    const next = rows[at];
    if (next === undefined) return;
    wantsFocus.current = true;
    setActive(next.id);
    virtual.scrollToIndex(at);
  };
  const onKeyDown = (event: KeyboardEvent, actions: LineActions) => {
    const line = event.target instanceof HTMLElement ? event.target.closest("[data-card]") : null;
    const id = line?.getAttribute("data-card") ?? null;
    if (event.metaKey || event.ctrlKey || event.altKey || isOfPart(event, line)) return;
    if (event.key === "j" || event.key === "ArrowDown") step(1);
    else if (event.key === "k" || event.key === "ArrowUp") step(-1);
    else if (id === null) return;
    else if (event.key === "Enter") actions.open(id);
    else if (event.key === "x") actions.toggle(id);
    else if (event.key === "e") actions.edit(id);
    else if (event.key === ".") actions.menu(id);
    else return;
    event.preventDefault();
  };
  const first = rows.find(({ kind }) => kind === "ticket")?.id ?? null;
  return {
    scroller,
    virtual,
    activeId: activeRow === -1 ? first : activeId,
    setActive,
    editing,
    setEditing,
    menu,
    setMenu,
    onKeyDown,
  };
}

/** Whether a key belongs to a part of a line: letters to its fields and lists, and Enter to its buttons too. */
function isOfPart({ key, target }: KeyboardEvent, line: Element | null): boolean {
  if (line === null || target === line || !(target instanceof Element)) return false;
  return key === "Enter" || target.closest("button,input[type=checkbox]") === null;
}

function rowsIn({ count, endIndex, overscan, startIndex }: Range, kept: number): number[] {
  const from = Math.max(0, startIndex - overscan);
  const to = Math.min(count - 1, endIndex + overscan);
  const rows = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return kept === -1 || rows.includes(kept) ? rows : [...rows, kept].toSorted((a, b) => a - b);
}

/** Whether an element is too narrow for one line a ticket. */
function useNarrow(element: { readonly current: HTMLElement | null }): boolean {
  const [isNarrow, setNarrow] = useState(() => window.innerWidth < narrowPx);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => setNarrow(current.clientWidth < narrowPx));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return isNarrow;
}
