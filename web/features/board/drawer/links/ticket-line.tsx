import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { stageOfColumn } from "../../../../../domain/board/columns.ts";
import { isDone } from "../../../../../domain/board/dependencies.ts";
import { StateDot } from "../../../../components/ui/badges.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { isFinal } from "../../../../lib/vocabulary.ts";
import { stateLabel } from "../../../../lib/words.ts";
import { stageColors, TypeIcon } from "../../../../components/ticket-icons.tsx";
import { useBoardParts } from "../../parts.ts";
import { keptOf, type BoardSearch } from "../../views/address.ts";
import { useLinkedBoard } from "./use-linked-board.ts";

/** A link that shows another ticket in the drawer. */
export function TicketLink({ id, children, className }: { id: string; children: ReactNode; className?: string }) {
  const search: BoardSearch = useSearch({ strict: false });
  return (
    <Link to="." search={{ ...keptOf(search), ticket: id }} {...(className === undefined ? {} : { className })}>
      {children}
    </Link>
  );
}

/** Another ticket in one line: its type, key, title, run and column. The title of a done one is struck through. */
export function TicketLine({ ticket }: { ticket: Ticket }) {
  const { store } = useBoardParts();
  const board = useLinkedBoard();
  const run = ticket.run !== null && !isFinal(ticket.run.state) ? ticket.run : null;
  return (
    <TicketLink
      id={ticket.id}
      className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-lg px-2 -outline-offset-2 hover:bg-hover"
    >
      <TypeIcon type={ticket.type} />
      <span className="tabular shrink-0 text-xs text-muted">{ticket.key}</span>
      <span className={cx("min-w-0 flex-1 truncate", isDone(board, ticket) && "text-muted line-through")}>
        {ticket.title}
      </span>
      {run !== null && (
        <span title={stateLabel(run.state)} className="inline-flex">
          <StateDot state={run.state} />
          <span className="sr-only">{stateLabel(run.state)}</span>
        </span>
      )}
      <span className="inline-flex max-w-32 shrink-0 items-center gap-1.5 text-xs text-muted">
        <span
          aria-hidden
          className={cx(
            "size-2 shrink-0 rounded-full",
            stageColors[stageOfColumn(board.boards, ticket.column) ?? "backlog"],
          )}
        />
        <span className="truncate">{store.nameOf(ticket.column)}</span>
      </span>
    </TicketLink>
  );
}
