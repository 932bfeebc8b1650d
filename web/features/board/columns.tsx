import { Plus, Search } from "lucide-react";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { Board } from "../../../contracts/board.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { Kbd } from "../../components/ui/badges.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { useHotkey } from "../../lib/hotkeys.ts";
import { useRefusal } from "../../lib/me.ts";
import { columnLabels } from "../../lib/words.ts";
import { TicketCard } from "./card.tsx";
import { matches } from "./filter.ts";
import { NewTicketDialog } from "./new-ticket.tsx";
import { TicketDrawer } from "./ticket-drawer.tsx";

interface ColumnsProps {
  readonly board: Board;
  /** The error of the last refresh, when what is shown is old. */
  readonly stale: unknown;
  readonly openTicket: string | null;
  readonly creating: boolean;
  readonly show: (search: { ticket?: string; new?: string }) => void;
}

/** The board itself: filter, columns with counts, drawer and dialog. Arrow keys and J K L H walk the cards. */
export function Columns({ board, stale, openTicket, creating, show }: ColumnsProps) {
  const [filter, setFilter] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const lanes = useRef<HTMLDivElement>(null);
  const refusal = useRefusal("ticket.create");
  const mayCreate = refusal === null;
  useHotkey("/", () => input.current?.focus());
  useHotkey("c", () => show({ new: "1" }), { enabled: mayCreate });

  const columns = useMemo(
    () =>
      board.columns.map(({ column, tickets }) => ({
        column,
        total: tickets.length,
        tickets: tickets.filter((ticket) => matches(ticket, filter)),
      })),
    [board, filter],
  );
  const total = columns.reduce((sum, column) => sum + column.total, 0);
  const shown = columns.reduce((sum, column) => sum + column.tickets.length, 0);

  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">Board of {board.project.name}</h1>
      <div className="flex h-13 shrink-0 items-center gap-2 px-4">
        <div className="flex h-8 w-56 items-center gap-2 rounded-lg border border-line bg-card px-2.5 focus-within:border-line-strong">
          <Search className="size-3.5 shrink-0 text-muted" aria-hidden />
          <input
            ref={input}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              setFilter("");
              input.current?.blur();
            }}
            placeholder="Filter tickets"
            aria-label="Filter tickets"
            className="min-w-0 flex-1 bg-transparent focus-visible:outline-none"
          />
          <Kbd>/</Kbd>
        </div>
        {filter !== "" && (
          <span className="tabular text-xs text-muted" role="status">
            {shown} of {total}
          </span>
        )}
        <Button
          className="ml-auto"
          onClick={() => show({ new: "1" })}
          disabled={!mayCreate}
          title={refusal ?? "New ticket (C)"}
        >
          <Plus className="size-4" aria-hidden />
          <span className="hidden sm:inline">New ticket</span>
          <Kbd className="hidden! sm:inline-flex!">C</Kbd>
        </Button>
      </div>
      {stale !== null && (
        <Failure
          error={stale}
          kept="The board below may be old; the page loads it again by itself."
          className="mx-4 mb-3"
        />
      )}
      {total === 0 ? (
        <Empty
          icon={<Plus aria-hidden />}
          title="This board is empty"
          action={
            mayCreate && (
              <Button look="primary" onClick={() => show({ new: "1" })}>
                New ticket
              </Button>
            )
          }
        >
          Tickets say what should be done. An agent can take one and turn it into a pull request.
        </Empty>
      ) : (
        <div
          ref={lanes}
          onKeyDown={(event) => walk(lanes.current, event)}
          className="flex min-h-0 flex-1 snap-x snap-mandatory gap-3 overflow-x-auto px-4 pb-3 md:snap-none"
        >
          {columns.map(({ column, total: count, tickets }) => (
            <section
              key={column}
              data-lane
              aria-label={columnLabels[column]}
              className="flex w-[82vw] max-w-80 shrink-0 snap-start scroll-mx-4 flex-col sm:w-70 xl:w-auto xl:min-w-44 xl:flex-1 xl:basis-0"
            >
              <h2 className="flex h-8 shrink-0 items-center gap-2 px-1 font-medium">
                {columnLabels[column]}
                <span className="tabular font-normal text-muted">
                  {filter === "" ? count : `${tickets.length}/${count}`}
                </span>
              </h2>
              <ul className="flex min-h-0 flex-1 flex-col gap-2 overflow-y-auto rounded-xl p-1">
                {tickets.map((ticket) => (
                  <li key={ticket.id}>
                    <TicketCard
                      ticket={ticket}
                      selected={ticket.id === openTicket}
                      onOpen={() => show({ ticket: ticket.id })}
                    />
                  </li>
                ))}
                {tickets.length === 0 && (
                  <li className="rounded-xl border border-dashed border-line px-3 py-4 text-center text-xs text-muted">
                    {count === 0 ? "No tickets" : "None match"}
                  </li>
                )}
              </ul>
            </section>
          ))}
        </div>
      )}
      {openTicket !== null && (
        <TicketDrawer ticketId={openTicket} initial={ticketIn(board, openTicket)} onClose={() => show({})} />
      )}
      <NewTicketDialog
        open={creating && mayCreate}
        onOpenChange={(open) => show(open ? { new: "1" } : {})}
        project={board.project}
        onCreated={(ticket) => show({ ticket: ticket.id })}
      />
    </div>
  );
}

function ticketIn(board: Board, id: string): Ticket | undefined {
  return board.columns.flatMap((column) => column.tickets).find((ticket) => ticket.id === id);
}

/** Moves the focus from card to card: up and down within a column, left and right between columns. */
function walk(lanes: HTMLElement | null, event: KeyboardEvent): void {
  if (lanes === null) return;
  const moves: Record<string, readonly [number, number]> = {
    ArrowDown: [0, 1],
    j: [0, 1],
    ArrowUp: [0, -1],
    k: [0, -1],
    ArrowRight: [1, 0],
    l: [1, 0],
    ArrowLeft: [-1, 0],
    h: [-1, 0],
  };
  const move = moves[event.key];
  if (move === undefined || event.metaKey || event.ctrlKey) return;
  const grid = [...lanes.querySelectorAll("[data-lane]")].map((lane) => [
    ...lane.querySelectorAll<HTMLElement>("[data-card]"),
  ]);
  let x = grid.findIndex((cards) => cards.some((card) => card === document.activeElement));
  if (x === -1) return;
  let y = grid[x]?.findIndex((card) => card === document.activeElement) ?? 0;
  y += move[1];
  if (move[0] !== 0) {
    do x += move[0];
    while (grid[x]?.length === 0);
  }
  const cards = grid[x];
  const target = cards?.[Math.max(0, Math.min(cards.length - 1, y))];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}
