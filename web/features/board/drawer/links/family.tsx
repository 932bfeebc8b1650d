import { Link, useSearch } from "@tanstack/react-router";
import { ChevronRight, Pencil, Plus } from "lucide-react";
import { useRef, useState } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { isDone } from "../../../../../domain/board/dependencies.ts";
import { refuseParent } from "../../../../../domain/board/edits.ts";
import { Button, buttonClass } from "../../../../components/ui/button.tsx";
import { useMayOnBoard } from "../../refusal.ts";
import { ancestorsOf } from "../../filter.ts";
import { TypeIcon } from "../../../../components/ticket-icons.tsx";
import type { LinkRefusal, NamedTicket } from "../../links.ts";
import { useBoardParts } from "../../parts.ts";
import { keptOf, type BoardSearch } from "../../views/address.ts";
import { whyNotSaved } from "../../writes.ts";
import { DoneCount } from "./done-count.tsx";
import { LinkRow } from "./link-row.tsx";
import { RefusalNotice } from "./refusal-notice.tsx";
import { TicketCombobox } from "./ticket-combobox.tsx";
import { TicketLine, TicketLink } from "./ticket-line.tsx";
import { useLinkedBoard } from "./use-linked-board.ts";

/** The ticket's parent, the parent's parent and so on, from the top, as links. */
export function TicketAncestors({ ticket }: { ticket: Ticket }) {
  const { tickets } = useLinkedBoard();
  const ancestors = ancestorsOf(ticket, (id) => tickets.get(id)).flatMap((id) => tickets.get(id) ?? []);
  if (ancestors.length === 0) return null;
  return (
    <nav aria-label="Tickets above this one" className="mb-2 -ml-1">
      <ol className="flex flex-wrap items-center gap-x-1 text-xs text-muted">
        {ancestors.toReversed().map(({ id, key, title, type }) => (
          <li key={id} className="flex min-w-0 items-center gap-1">
            <TicketLink id={id} className="flex min-h-6 min-w-0 items-center gap-1.5 rounded px-1 hover:bg-hover">
              <TypeIcon type={type} />
              <span className="tabular shrink-0">{key}</span>
              <span className="max-w-48 truncate">{title}</span>
            </TicketLink>
            <ChevronRight className="size-3 shrink-0" aria-hidden />
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The ticket's parent, which can be chosen and taken away, and its children. */
export function TicketFamily({ ticket }: { ticket: Ticket }) {
  return (
    <>
      <Parent ticket={ticket} />
      <Children ticket={ticket} />
    </>
  );
}

function Parent({ ticket }: { ticket: Ticket }) {
  const { writes } = useBoardParts();
  const board = useLinkedBoard();
  const mayEdit = useMayOnBoard("ticket.edit");
  const [isChoosing, setChoosing] = useState(false);
  const [refusal, setRefusal] = useState<LinkRefusal | null>(null);
  const [removed, setRemoved] = useState<NamedTicket | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { parentId } = ticket;
  const set = async (id: string | null): Promise<boolean> => {
    const outcome = await writes.edit(ticket, { parentId: id });
    if (outcome.kind === "saved") setRefusal(null);
    else setRefusal({ title: `The parent of ${ticket.key} was not changed`, detail: whyNotSaved(outcome) });
    return outcome.kind === "saved";
  };
  const stop = (byKeyboard: boolean) => {
    setChoosing(false);
    if (byKeyboard) button.current?.focus();
  };
  const shown = parentId ?? removed?.id;
  const label = parentId === null ? "Choose the parent" : "Choose another parent";
  return (
    <section aria-label="Parent" className="mt-6">
      <div className="mb-1 flex min-h-7 items-center gap-2">
        <h2 className="text-xs font-medium text-muted">Parent</h2>
        {mayEdit && (
          <Button
            ref={button}
            look="ghost"
            size="sm"
            aria-label={label}
            aria-expanded={isChoosing}
            onMouseDown={(event) => isChoosing && event.preventDefault()}
            onClick={() => setChoosing(!isChoosing)}
          >
            {parentId === null ? (
              <>
                <Plus className="size-3" aria-hidden /> Choose
              </>
            ) : (
              <>
                <Pencil className="size-3" aria-hidden /> Change
              </>
            )}
          </Button>
        )}
      </div>
      <RefusalNotice refusal={refusal} />
      {isChoosing && (
        <TicketCombobox
          label={label}
          mayChoose={({ id }) => id !== parentId && refuseParent(board, ticket.id, id) === undefined}
          onPick={async ({ id }) => {
            stop(true);
            setRemoved(null);
            return set(id);
          }}
          onClose={stop}
        />
      )}
      {shown === undefined && !isChoosing && <p className="text-muted">None.</p>}
      {shown !== undefined && (
        <ul className="-mx-2">
          <LinkRow
            id={shown}
            removed={parentId === null ? (removed ?? undefined) : undefined}
            mayEdit={mayEdit}
            whenDeleted="It still is the parent, should it be restored."
            onRemove={(parent) => {
              setRemoved(parent);
              void set(null);
            }}
            onUndo={({ id }) => void set(id)}
          />
        </ul>
      )}
    </section>
  );
}

function Children({ ticket }: { ticket: Ticket }) {
  const board = useLinkedBoard();
  const search: BoardSearch = useSearch({ strict: false });
  const mayCreate = useMayOnBoard("ticket.create");
  const children = [...board.tickets.values()]
    .filter(({ parentId }) => parentId === ticket.id)
    .toSorted((a, b) => Number(a.id) - Number(b.id));
  const done = children.filter((child) => isDone(board, child)).length;
  return (
    <section aria-label="Children" className="mt-6">
      <div className="mb-1 flex min-h-7 flex-wrap items-center gap-2">
        <h2 className="text-xs font-medium text-muted">Children</h2>
        {mayCreate && (
          <Link
            to="."
            search={{ ...keptOf(search), new: "1", parent: ticket.id }}
            className={buttonClass("ghost", "sm")}
          >
            <Plus className="size-3" aria-hidden /> New child ticket
          </Link>
        )}
        {children.length > 0 && (
          <DoneCount done={done} total={children.length} words={`${done} of ${children.length} done`} />
        )}
      </div>
      {children.length === 0 ? (
        <p className="text-muted">None.</p>
      ) : (
        <ul className="-mx-2">
          {children.map((child) => (
            <li key={child.id} className="flex">
              <TicketLine ticket={child} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
