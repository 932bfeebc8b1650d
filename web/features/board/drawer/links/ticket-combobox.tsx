import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { isDone } from "../../../../../domain/board/dependencies.ts";
import { cx } from "../../../../components/ui/cx.ts";
import { TypeIcon } from "../../../../components/ticket-icons.tsx";
import { useBoardParts } from "../../parts.ts";
import { findTickets } from "./find-tickets.ts";
import { useLinkedBoard } from "./use-linked-board.ts";

interface TicketComboboxProps {
  /** The field's name, which says what a choice does. */
  readonly label: string;
  readonly mayChoose: (ticket: Ticket) => boolean;
  /** Takes a choice; the field is empty for the next one at once. False brings back what was typed. */
  readonly onPick: (ticket: Ticket) => Promise<boolean>;
  /** Called when it is left: by Escape, after which the focus has to go somewhere, or by a focus that went elsewhere. */
  readonly onClose: (byEscape: boolean) => void;
}

const mostOptions = 30;

/** A field that finds tickets of the board by key and title while it is typed into. https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
export function TicketCombobox({ label, mayChoose, onClose, onPick }: TicketComboboxProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const board = useLinkedBoard();
  const found = findTickets(board.tickets.values(), {
    text,
    mayChoose,
    comesLater: (ticket) => isDone(board, ticket),
  });
  const options = found.slice(0, mostOptions);
  const active = options[Math.min(at, options.length - 1)];
  const pick = async (ticket: Ticket) => {
    // The next one may be typed while this one is on its way; a refused one comes back for another try.
    setText("");
    setAt(0);
    if (!(await onPick(ticket))) setText((since) => (since === "" ? text : since));
  };
  const keys = (event: KeyboardEvent) => {
    // Keys of an input method choose among its own proposals.
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((before) => (Math.min(before, options.length - 1) + step + options.length) % options.length);
    else if (event.key === "Enter" && active !== undefined) void pick(active);
    else if (event.key === "Escape") onClose(true);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="relative my-1"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose(false);
      }}
    >
      <input
        autoFocus
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={`${id}-list`}
        {...(active === undefined ? {} : { "aria-activedescendant": `${id}-${active.id}` })}
        data-keeps-escape
        autoComplete="off"
        spellCheck={false}
        placeholder="Key or title"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={keys}
        className="h-9 w-full rounded-lg border border-line-strong bg-bg px-3"
      />
      <p role="status" className={options.length === 0 ? "mt-1 text-xs text-muted" : "sr-only"}>
        {options.length === 0
          ? text.trim() === ""
            ? "This board has no ticket to choose."
            : `No ticket to choose here has “${text.trim()}” in its key or title.`
          : `${found.length} ${found.length === 1 ? "ticket" : "tickets"} found`}
      </p>
      {options.length > 0 && (
        <Options id={id} label={label} options={options} active={active} onPick={(ticket) => void pick(ticket)}>
          {found.length > mostOptions && `${found.length - mostOptions} more: type on to find them.`}
        </Options>
      )}
    </div>
  );
}

interface OptionsProps {
  readonly id: string;
  readonly label: string;
  readonly options: readonly Ticket[];
  readonly active: Ticket | undefined;
  readonly onPick: (ticket: Ticket) => void;
  readonly children: string | false;
}

function Options({ active, children, id, label, onPick, options }: OptionsProps) {
  const { store } = useBoardParts();
  const board = useLinkedBoard();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const activeId = active?.id;
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [activeId]);
  return (
    <div
      ref={box}
      // The field keeps the focus while an option is pressed or the list is scrolled.
      onMouseDown={(event) => event.preventDefault()}
      className="absolute inset-x-0 top-full z-10 mt-1 max-h-64 scroll-my-2 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-pop"
    >
      <ul role="listbox" id={`${id}-list`} aria-label={label}>
        {options.map((ticket) => {
          const isActive = ticket.id === active?.id;
          return (
            <li
              key={ticket.id}
              id={`${id}-${ticket.id}`}
              role="option"
              aria-selected={isActive}
              onClick={() => onPick(ticket)}
              className={cx(
                "flex min-h-8 cursor-default items-center gap-2 rounded-lg px-2 py-1 select-none hover:bg-hover",
                isActive && "bg-hover",
              )}
            >
              <TypeIcon type={ticket.type} />
              <span className="tabular shrink-0 text-xs text-muted">{ticket.key}</span>
              <span className={cx("min-w-0 flex-1 truncate", isDone(board, ticket) && "text-muted line-through")}>
                {ticket.title}
              </span>
              <span className="max-w-28 shrink-0 truncate text-xs text-muted">{store.nameOf(ticket.column)}</span>
            </li>
          );
        })}
      </ul>
      {children !== false && <p className="px-2 py-1 text-xs text-muted">{children}</p>}
    </div>
  );
}
