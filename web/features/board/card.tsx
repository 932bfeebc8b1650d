import { FolderGit2 } from "lucide-react";
import type { Ticket } from "../../../contracts/project.ts";
import { Avatar, StateDot, Tag } from "../../components/ui/badges.tsx";
import { cx } from "../../components/ui/cx.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { stateLabel, stateTone } from "../../lib/words.ts";
import { PriorityIcon, TypeIcon } from "./icons.tsx";

/** A ticket on the board. A lime edge and its run's state show when an agent is at work on it. */
export function TicketCard({ ticket, selected, onOpen }: { ticket: Ticket; selected: boolean; onOpen: () => void }) {
  const run = ticket.run !== null && (!isFinal(ticket.run.state) || ticket.run.state === "FAILED") ? ticket.run : null;
  const atWork = run !== null && stateTone(run.state) === "working";
  return (
    <button
      type="button"
      data-card
      onClick={onOpen}
      className={cx(
        "flex w-full flex-col gap-2 rounded-xl border bg-card px-3 py-2.5 text-left hover:border-line-strong",
        atWork ? "border-lime-line" : selected ? "border-line-strong" : "border-line",
      )}
    >
      <span className="flex w-full items-center gap-2 text-xs text-muted">
        <TypeIcon type={ticket.type} />
        <span className="tabular">{ticket.key}</span>
        <span className="ml-auto inline-flex items-center gap-2">
          <PriorityIcon priority={ticket.priority} />
          {ticket.assignee !== null && <Avatar person={ticket.assignee} className="size-4.5" />}
        </span>
      </span>
      <span className="line-clamp-2 font-medium">{ticket.title}</span>
      {(ticket.labels.length > 0 || ticket.repository !== null) && (
        <span className="flex flex-wrap items-center gap-1">
          {ticket.labels.slice(0, 3).map((label) => (
            <Tag key={label}>{label}</Tag>
          ))}
          {ticket.labels.length > 3 && <span className="text-xs text-muted">+{ticket.labels.length - 3}</span>}
          {ticket.repository !== null && (
            <span className="inline-flex min-w-0 items-center gap-1 text-xs text-muted">
              <FolderGit2 className="size-3 shrink-0" aria-hidden />
              <span className="truncate">{ticket.repository.name}</span>
            </span>
          )}
        </span>
      )}
      {run !== null && (
        <span
          className={cx(
            "-mx-3 -mb-2.5 flex items-center gap-2 rounded-b-xl border-t px-3 py-1.5 text-xs",
            atWork ? "border-lime-line bg-lime-soft text-lime-text" : "border-line text-soft",
          )}
        >
          <StateDot state={run.state} />
          {stateLabel(run.state)}
        </span>
      )}
    </button>
  );
}
