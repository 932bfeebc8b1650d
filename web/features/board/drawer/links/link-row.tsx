import { Undo2, X } from "lucide-react";
import { Button } from "../../../../components/ui/button.tsx";
import type { NamedTicket } from "../../links.ts";
import { useBoardParts } from "../../parts.ts";
import { useBoard } from "../../store.ts";
import { TicketLine } from "./ticket-line.tsx";

interface LinkRowProps {
  readonly id: string;
  /** Set when the ticket was removed from its list in this drawer. */
  readonly removed: NamedTicket | undefined;
  readonly mayEdit: boolean;
  /** The meaning of a deletion of the ticket, in a sentence. */
  readonly whenDeleted: string;
  readonly onRemove: (other: NamedTicket) => void;
  readonly onUndo: (other: NamedTicket) => void;
}

/** Another ticket in a list of the drawer. Its button removes it and then undoes that; it stays in its place and keeps the focus. */
export function LinkRow({ id, mayEdit, onRemove, onUndo, removed, whenDeleted }: LinkRowProps) {
  const { store } = useBoardParts();
  const ticket = useBoard(store, ({ tickets }) => tickets.get(id));
  const gone = useBoard(store, ({ model }) => model.deleted.get(id)?.ticket);
  const key = ticket?.key ?? gone?.key ?? removed?.key ?? "A deleted ticket";
  return (
    <li className="flex items-center gap-1">
      {removed !== undefined ? (
        <span role="status" className="flex min-h-8 min-w-0 flex-1 items-center px-2 text-muted">
          <span className="truncate">{key} was removed.</span>
        </span>
      ) : ticket === undefined ? (
        <span className="flex min-h-8 min-w-0 flex-1 items-center gap-2 px-2 text-muted">
          {gone !== undefined && <span className="tabular shrink-0 text-xs">{key}</span>}
          <span className="truncate line-through">{gone?.title ?? key}</span>
          {gone !== undefined && <span className="shrink-0 text-xs">deleted</span>}
          <span className="sr-only">{whenDeleted}</span>
        </span>
      ) : (
        <TicketLine ticket={ticket} />
      )}
      {mayEdit && (
        <Button
          look="ghost"
          size={removed === undefined ? "icon" : "sm"}
          aria-label={removed === undefined ? `Remove ${key}` : `Undo: bring ${key} back`}
          onClick={() => (removed === undefined ? onRemove({ id, key }) : onUndo(removed))}
        >
          {removed === undefined ? (
            <X className="size-3.5" aria-hidden />
          ) : (
            <>
              <Undo2 className="size-3.5" aria-hidden /> Undo
            </>
          )}
        </Button>
      )}
    </li>
  );
}
