import { useDraggable } from "@dnd-kit/core";
import { Check, FolderGit2 } from "lucide-react";
import { memo, type MouseEvent } from "react";
import type { Person } from "../../../contracts/common.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { Avatar, StateDot, Tag } from "../../components/ui/badges.tsx";
import { cx } from "../../components/ui/cx.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { stateLabel, stateTone } from "../../lib/words.ts";
import { CardMarks } from "./card-marks.tsx";
import { PriorityIcon, TypeIcon } from "../../components/ticket-icons.tsx";

/** The same functions for every card, so that a card is drawn again only when its ticket changes. */
export interface CardActions {
  readonly open: (id: string) => void;
  readonly toggle: (id: string) => void;
  readonly selectTo: (id: string) => void;
}

interface DraggableCardProps {
  readonly ticket: Ticket;
  readonly isOpen: boolean;
  readonly isSelected: boolean;
  readonly isMoving: boolean;
  readonly lookers: readonly Person[];
  readonly mayMove: boolean;
  readonly actions: CardActions;
}

/** A card in its column: a click opens it, with Ctrl, Cmd or Shift it is selected; it can be dragged by a person who may move it. */
export const DraggableCard = memo(function DraggableCard(props: DraggableCardProps) {
  const { ticket, isOpen, isSelected, isMoving, lookers, mayMove, actions } = props;
  const { setNodeRef, attributes, listeners } = useDraggable({ id: ticket.id, disabled: !mayMove });
  const click = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey) actions.toggle(ticket.id);
    else if (event.shiftKey) actions.selectTo(ticket.id);
    else actions.open(ticket.id);
  };
  return (
    <button
      ref={setNodeRef}
      type="button"
      data-card={ticket.id}
      {...(mayMove ? { ...attributes, ...listeners, "aria-disabled": undefined } : {})}
      {...(isSelected ? { "aria-pressed": true } : {})}
      onClick={click}
      onKeyUp={(event) => {
        // Space lifts a card; a browser that clicks at the key's release would open it.
        if (mayMove && event.key === " ") event.preventDefault();
      }}
      className={cx(
        "relative block w-full touch-manipulation rounded-xl text-left select-none [-webkit-touch-callout:none]",
        isMoving && "opacity-45",
      )}
    >
      <CardFace ticket={ticket} marked={isOpen || isSelected} lookers={lookers} />
      {isSelected && (
        <span
          aria-hidden
          className="absolute -top-1 -left-1 flex size-4.5 items-center justify-center rounded-full bg-text text-bg"
        >
          <Check className="size-3" />
        </span>
      )}
    </button>
  );
});

interface CardFaceProps {
  readonly ticket: Ticket;
  readonly marked: boolean;
  readonly lookers: readonly Person[];
}

/** A ticket as a card shows it. A lime edge and its run's state show when an agent is at work on it. */
export function CardFace({ ticket, marked, lookers }: CardFaceProps) {
  const run = ticket.run !== null && (!isFinal(ticket.run.state) || ticket.run.state === "FAILED") ? ticket.run : null;
  const atWork = run !== null && stateTone(run.state) === "working";
  return (
    <span
      className={cx(
        "flex w-full flex-col gap-2 rounded-xl border bg-card px-3 py-2.5",
        marked ? "border-soft" : atWork ? "border-lime-line" : "border-line hover:border-line-strong",
      )}
    >
      <span className="flex min-h-4.5 w-full flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <TypeIcon type={ticket.type} />
        <span className="tabular whitespace-nowrap">{ticket.key}</span>
        <span className="ml-auto inline-flex items-center gap-2">
          {lookers.length > 0 && <Faces people={lookers} words="looks at it" className="size-4.5" most={2} />}
          <CardMarks ticket={ticket} />
          <PriorityIcon priority={ticket.priority} />
          {ticket.assignee !== null && <Avatar person={ticket.assignee} className="size-4.5" />}
        </span>
      </span>
      <span className="line-clamp-2 font-medium break-words">{ticket.title}</span>
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
    </span>
  );
}

interface FacesProps {
  readonly people: readonly Person[];
  /** Goes after each name, as in "has the board open". */
  readonly words: string;
  readonly className: string;
  readonly most: number;
}

/** A few people's pictures in a row, with the rest as a number. */
export function Faces({ people, words, className, most }: FacesProps) {
  return (
    <span
      role="img"
      aria-label={people.map(({ name }) => `${name} ${words}`).join(", ")}
      className="inline-flex items-center -space-x-1"
    >
      {people.slice(0, most).map((person) => (
        <span key={person.id} title={`${person.name} ${words}`} className="inline-flex rounded-full ring-2 ring-card">
          <Avatar person={person} className={className} />
        </span>
      ))}
      {people.length > most && <span className="pl-2 text-xs text-muted">+{people.length - most}</span>}
    </span>
  );
}
