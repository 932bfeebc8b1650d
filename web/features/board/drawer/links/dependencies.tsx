import { Plus } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { blockedBy, dependentsOf, isDone } from "../../../../../domain/board/dependencies.ts";
import { Tag } from "../../../../components/ui/badges.tsx";
import { Button } from "../../../../components/ui/button.tsx";
import { useMayOnBoard } from "../../refusal.ts";
import { link, unlink, type LinkRefusal, type NamedTicket } from "../../links.ts";
import { useBoardParts } from "../../parts.ts";
import { LinkRow } from "./link-row.tsx";
import { RefusalNotice } from "./refusal-notice.tsx";
import { TicketCombobox } from "./ticket-combobox.tsx";
import { useLinkedBoard } from "./use-linked-board.ts";

/** The tickets that a ticket waits for and those that wait for it, which can be added and removed. */
export function TicketDependencies({ ticket }: { ticket: Ticket }) {
  const board = useLinkedBoard();
  const blockers = blockedBy(board, ticket);
  return (
    <>
      <LinkList
        {...{ ticket, title: "Depends on", ids: ticket.dependsOn, empty: "Nothing: it waits for no other ticket." }}
        addLabel={`Add a ticket that ${ticket.key} depends on`}
        pairOf={(other) => [ticket, other]}
      >
        {isDone(board, ticket) ? (
          <Tag tone="green">Done</Tag>
        ) : blockers.length === 0 ? (
          <Tag tone="green">Ready to start</Tag>
        ) : (
          <Tag tone="amber">Waits for {blockers.map(({ key }) => key).join(", ")}</Tag>
        )}
      </LinkList>
      <LinkList
        {...{ ticket, title: "Blocks", empty: "No ticket waits for this one." }}
        ids={dependentsOf(board, ticket.id).map(({ id }) => id)}
        addLabel={`Add a ticket that waits for ${ticket.key}`}
        pairOf={(other) => [other, ticket]}
      />
    </>
  );
}

interface LinkListProps {
  readonly ticket: Ticket;
  readonly title: string;
  /** The other tickets. */
  readonly ids: readonly string[];
  readonly empty: string;
  readonly addLabel: string;
  /** The ticket that waits and the one that it waits for. */
  readonly pairOf: (other: NamedTicket) => readonly [NamedTicket, NamedTicket];
  readonly children?: ReactNode;
}

function LinkList({ addLabel, children, empty, ids, pairOf, ticket, title }: LinkListProps) {
  const parts = useBoardParts();
  const mayEdit = useMayOnBoard("ticket.edit");
  const [isAdding, setAdding] = useState(false);
  const [refusal, setRefusal] = useState<LinkRefusal | null>(null);
  // Those that were removed here stay in their place until the drawer closes, so that a removal can be undone.
  const [removed, setRemoved] = useState<ReadonlyMap<string, NamedTicket>>(new Map());
  const addButton = useRef<HTMLButtonElement>(null);
  const rows = [...new Set([...ids, ...removed.keys()])].toSorted((a, b) => Number(a) - Number(b));
  const add = async (other: NamedTicket): Promise<boolean> => {
    const answer = await link(parts, ...pairOf(other));
    setRefusal(answer);
    return answer === null;
  };
  const remove = async (other: NamedTicket) => {
    setRemoved((before) => new Map(before).set(other.id, other));
    setRefusal(await unlink(parts, ...pairOf(other)));
  };
  return (
    <section aria-label={title} className="mt-6">
      <div className="mb-1 flex min-h-7 flex-wrap items-center gap-2">
        <h2 className="text-xs font-medium text-muted">{title}</h2>
        {ids.length > 0 && <span className="tabular text-xs text-muted">{ids.length}</span>}
        {mayEdit && (
          <Button
            ref={addButton}
            look="ghost"
            size="sm"
            aria-label={addLabel}
            aria-expanded={isAdding}
            // A press on the button takes the focus from the field, which closes it: only an open one is to stay closed.
            onMouseDown={(event) => isAdding && event.preventDefault()}
            onClick={() => setAdding(!isAdding)}
          >
            <Plus className="size-3" aria-hidden /> Add
          </Button>
        )}
        {children}
      </div>
      <RefusalNotice refusal={refusal} />
      {isAdding && (
        <TicketCombobox
          label={addLabel}
          mayChoose={({ id }) => id !== ticket.id && !ids.includes(id)}
          onPick={add}
          onClose={(byEscape) => {
            setAdding(false);
            setRefusal(null);
            if (byEscape) addButton.current?.focus();
          }}
        />
      )}
      {rows.length === 0 && !isAdding && <p className="text-muted">{empty}</p>}
      <ul className="-mx-2">
        {rows.map((id) => (
          <LinkRow
            key={id}
            id={id}
            removed={ids.includes(id) ? undefined : removed.get(id)}
            mayEdit={mayEdit}
            whenDeleted="It blocks nothing."
            onRemove={(other) => void remove(other)}
            onUndo={(other) => void add(other)}
          />
        ))}
      </ul>
    </section>
  );
}
