import { Link } from "@tanstack/react-router";
import type { Plan } from "../../../../contracts/plan.ts";
import type { RunEventData } from "../../../../contracts/run-events.ts";
import { TypeIcon } from "../../../components/ticket-icons.tsx";
import { plural } from "../../../lib/format.ts";
import { draftOf } from "./draft.ts";
import { treeRows } from "./edits.ts";

interface MadeTicketsProps {
  readonly projectId: string;
  readonly plan: Plan;
  readonly tickets: RunEventData<"tickets.created">["tickets"];
}

/** The tickets that an approved plan became, as its tree, with links into the board. */
export function MadeTickets({ projectId, plan, tickets }: MadeTicketsProps) {
  if (tickets.length === 0) return null;
  const rows = treeRows(draftOf(plan, "").items, new Set());
  return (
    <>
      <p className="mt-1.5 text-xs text-muted">{plural(tickets.length, "ticket")} created:</p>
      <ul aria-label="Created tickets" className="mt-1 flex max-h-[40vh] flex-col gap-0.5 overflow-y-auto">
        {rows.map(({ item, level }) => {
          const ticket = tickets[Number(item.key)];
          if (ticket === undefined) return null;
          return (
            <li
              key={ticket.id}
              style={{ paddingInlineStart: `${(level - 1) * 1.125}rem` }}
              className="flex min-w-0 items-center gap-1.5"
            >
              <TypeIcon type={item.type} />
              <Link
                to="/projects/$projectId/board"
                params={{ projectId }}
                search={{ ticket: ticket.id }}
                className="min-w-0 truncate hover:underline"
              >
                <span className="tabular text-muted">{ticket.key}</span> {ticket.title}
              </Link>
            </li>
          );
        })}
      </ul>
    </>
  );
}
