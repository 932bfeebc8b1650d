import { Ellipsis, UserRound } from "lucide-react";
import { memo, useRef, useState, type MouseEvent } from "react";
import type { Person } from "../../../../../contracts/common.ts";
import type { Ticket } from "../../../../../contracts/project.ts";
import { Avatar, StateDot, Tag } from "../../../../components/ui/badges.tsx";
import { Button } from "../../../../components/ui/button.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { Menu, MenuItem, MenuRule, MenuSub } from "../../../../components/ui/menu.tsx";
import { TimeAgo } from "../../../../components/ui/time.tsx";
import { isFinal } from "../../../../lib/vocabulary.ts";
import { PriorityIcon, priorityLabels, TypeIcon } from "../../../../components/ticket-icons.tsx";
import { useMayOnBoard } from "../../refusal.ts";
import { PersonSelect, Select } from "../../select.tsx";
import { columnNames, type ColumnInfo } from "../columns-info.ts";
import { useLineWrites } from "./line-writes.ts";

/** The same functions for every line. */
export interface LineActions {
  readonly open: (id: string) => void;
  readonly toggle: (id: string) => void;
  readonly edit: (id: string | null) => void;
  readonly menu: (id: string | null) => void;
  readonly focus: (id: string) => void;
}

/** The columns of the table; narrower lists leave some out, and the narrowest puts the rest under the title. */
export const lineGrid =
  "grid items-center gap-x-3 px-4 grid-cols-[1.25rem_4.5rem_minmax(10rem,1fr)_2rem_8rem_8rem_10rem_8rem_9rem_6.5rem] @max-6xl:grid-cols-[1.25rem_4.5rem_minmax(10rem,1fr)_2rem_7.5rem_7.5rem_9rem_8rem_6.5rem] @max-4xl:grid-cols-[1.25rem_4.5rem_minmax(8rem,1fr)_7.5rem_7.5rem_9rem] @max-2xl:grid-cols-[1.25rem_minmax(0,1fr)_auto]";

interface ListLineProps {
  readonly ticket: Ticket;
  readonly info: readonly ColumnInfo[];
  /** Those to whom it can be given. */
  readonly people: readonly Person[];
  readonly isOpen: boolean;
  readonly isSelected: boolean;
  readonly isActive: boolean;
  readonly isEditing: boolean;
  readonly hasMenu: boolean;
  readonly mayMove: boolean;
  readonly actions: LineActions;
}

/** One ticket as a line of the table. Its title, priority, column and assignee are changed in place. */
export const ListLine = memo(function ListLine(props: ListLineProps) {
  const { actions, hasMenu, info, isActive, isEditing, isOpen, isSelected, mayMove, people, ticket } = props;
  const { id } = ticket;
  const mayEdit = useMayOnBoard("ticket.edit");
  const click = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest("button,select,input,[role=menu]") !== null) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) actions.toggle(id);
    else actions.open(id);
  };
  return (
    <div
      data-card={id}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => actions.focus(id)}
      onClick={click}
      className={cx(
        lineGrid,
        "h-full cursor-default border-b border-line focus-visible:-outline-offset-2",
        isOpen || isSelected ? "bg-active" : "hover:bg-hover",
      )}
    >
      <span role="cell">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${ticket.key}`}
          checked={isSelected}
          onChange={() => actions.toggle(id)}
          className="block"
        />
      </span>
      <span role="cell" className="tabular truncate text-xs text-muted @max-2xl:hidden">
        {ticket.key}
      </span>
      <span role="cell" className="min-w-0">
        <Title ticket={ticket} isEditing={isEditing && mayEdit} mayEdit={mayEdit} onEdit={actions.edit} />
        <span className="hidden items-center gap-2 text-xs text-muted @max-2xl:flex">
          <span className="tabular">{ticket.key}</span>
          <TypeIcon type={ticket.type} />
          <PriorityIcon priority={ticket.priority} />
          <span className="truncate">{info.find((each) => each.id === ticket.column)?.name ?? ticket.column}</span>
          {ticket.assignee !== null && <Avatar person={ticket.assignee} className="size-4" />}
        </span>
      </span>
      <span role="cell" className="@max-4xl:hidden">
        <TypeIcon type={ticket.type} />
      </span>
      <EditedCells ticket={ticket} info={info} people={people} mayEdit={mayEdit} mayMove={mayMove} />
      <span role="cell" className="flex min-w-0 gap-1 overflow-hidden @max-4xl:hidden">
        {ticket.labels.slice(0, 2).map((label) => (
          <Tag key={label}>{label}</Tag>
        ))}
        {ticket.labels.length > 2 && <span className="text-xs text-muted">+{ticket.labels.length - 2}</span>}
      </span>
      <span role="cell" className="truncate text-xs text-muted @max-6xl:hidden">
        {ticket.repository?.name ?? ""}
      </span>
      <span role="cell" className="flex items-center justify-end text-xs text-muted @max-4xl:hidden @max-2xl:flex">
        <span className="min-w-0 flex-1 truncate @max-2xl:hidden">
          <TimeAgo atMs={ticket.updatedAtMs} />
        </span>
        <LineMenu ticket={ticket} info={info} isOpen={hasMenu} mayEdit={mayEdit} mayMove={mayMove} actions={actions} />
      </span>
    </div>
  );
});

interface TitleProps {
  readonly ticket: Ticket;
  readonly isEditing: boolean;
  readonly mayEdit: boolean;
  readonly onEdit: (id: string | null) => void;
}

function Title({ isEditing, mayEdit, onEdit, ticket }: TitleProps) {
  const run = ticket.run !== null && !isFinal(ticket.run.state) ? ticket.run : null;
  if (isEditing) return <TitleInput ticket={ticket} onEnd={() => onEdit(null)} />;
  return (
    <span
      className="flex min-w-0 items-center gap-2"
      onDoubleClick={() => {
        if (mayEdit) onEdit(ticket.id);
      }}
    >
      {run !== null && <StateDot state={run.state} />}
      <span className="truncate font-medium">{ticket.title}</span>
    </span>
  );
}

function TitleInput({ onEnd, ticket }: { ticket: Ticket; onEnd: () => void }) {
  const { edit } = useLineWrites(ticket);
  const [title, setTitle] = useState(ticket.title);
  const ended = useRef(false);
  const end = (keep: boolean, target: HTMLElement) => {
    if (ended.current) return;
    ended.current = true;
    const trimmed = title.trim();
    if (keep && trimmed !== "" && trimmed !== ticket.title) void edit({ title: trimmed });
    const line = target.closest<HTMLElement>("[data-card]");
    const hadFocus = document.activeElement === target;
    onEnd();
    if (hadFocus) line?.focus({ preventScroll: true });
  };
  return (
    <input
      autoFocus
      aria-label={`Title of ${ticket.key}`}
      maxLength={200}
      value={title}
      onChange={(event) => setTitle(event.target.value)}
      onBlur={(event) => end(true, event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "Enter") end(true, event.currentTarget);
        else if (event.key === "Escape") end(false, event.currentTarget);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      className="h-7 w-full rounded-md border border-line-strong bg-bg px-2"
    />
  );
}

interface EditedCellsProps {
  readonly ticket: Ticket;
  readonly info: readonly ColumnInfo[];
  readonly people: readonly Person[];
  readonly mayEdit: boolean;
  readonly mayMove: boolean;
}

const cell = "min-w-0 truncate text-xs @max-2xl:hidden";

function EditedCells({ info, mayEdit, mayMove, people, ticket }: EditedCellsProps) {
  const { edit, move } = useLineWrites(ticket);
  const columns = columnNames(info);
  return (
    <>
      <span role="cell" className={cx(cell, "flex items-center gap-1.5")}>
        <PriorityIcon priority={ticket.priority} />
        {mayEdit ? (
          <Select
            label={`Priority of ${ticket.key}`}
            value={ticket.priority}
            options={priorityLabels}
            onChange={(priority) => void edit({ priority })}
            look="cell"
          />
        ) : (
          priorityLabels[ticket.priority]
        )}
      </span>
      <span role="cell" className={cell}>
        {mayMove ? (
          <Select
            label={`Column of ${ticket.key}`}
            value={ticket.column}
            options={columns}
            onChange={move}
            look="cell"
          />
        ) : (
          columns[ticket.column]
        )}
      </span>
      <span role="cell" className={cx(cell, "flex items-center gap-1.5")}>
        {ticket.assignee === null ? (
          <UserRound className="size-4 shrink-0 text-line-strong" aria-hidden />
        ) : (
          <Avatar person={ticket.assignee} className="size-4" />
        )}
        {mayEdit ? (
          <PersonSelect
            label={`Assignee of ${ticket.key}`}
            value={ticket.assignee}
            people={people}
            none="Nobody"
            onChange={(assignee) => void edit({ assignee })}
            look="cell"
          />
        ) : (
          (ticket.assignee?.name ?? "Nobody")
        )}
      </span>
    </>
  );
}

interface LineMenuProps extends Omit<EditedCellsProps, "people"> {
  readonly isOpen: boolean;
  readonly actions: LineActions;
}

function LineMenu({ actions, info, isOpen, mayEdit, mayMove, ticket }: LineMenuProps) {
  const { assignSelf, edit, move, remove } = useLineWrites(ticket);
  return (
    <Menu
      align="end"
      open={isOpen}
      onOpenChange={(open) => actions.menu(open ? ticket.id : null)}
      trigger={
        <Button
          look="ghost"
          size="icon"
          className="size-7"
          tabIndex={-1}
          aria-label={`Actions of ${ticket.key}`}
          title="Actions (.)"
        >
          <Ellipsis className="size-4" aria-hidden />
        </Button>
      }
    >
      <MenuItem onSelect={() => actions.open(ticket.id)}>Open</MenuItem>
      {mayEdit && <MenuItem onSelect={() => actions.edit(ticket.id)}>Edit the title</MenuItem>}
      {mayMove && (
        <MenuSub label="Move to">
          {info.map(({ id, name }) => (
            <MenuItem key={id} disabled={id === ticket.column} onSelect={() => move(id)}>
              {name}
            </MenuItem>
          ))}
        </MenuSub>
      )}
      {mayEdit && (
        <>
          <MenuSub label="Priority">
            {priorityNames.map((priority) => (
              <MenuItem key={priority} disabled={priority === ticket.priority} onSelect={() => void edit({ priority })}>
                {priorityLabels[priority]}
              </MenuItem>
            ))}
          </MenuSub>
          <MenuItem onSelect={assignSelf}>Assign to me</MenuItem>
          <MenuRule />
          <MenuItem onSelect={remove}>Delete</MenuItem>
        </>
      )}
    </Menu>
  );
}

const priorityNames: readonly Ticket["priority"][] = ["urgent", "high", "medium", "low", "none"];
