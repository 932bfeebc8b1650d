import type { KeyboardEvent } from "react";
import { Avatar } from "../../../../components/ui/badges.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { commentLimit } from "../../../../lib/vocabulary.ts";
import { useMentions, type MentionListParts } from "./use-mentions.ts";

interface CommentFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Ctrl or Cmd and Enter. */
  readonly onSubmit: () => void;
  /** Esc; null leaves it to the drawer. */
  readonly onEscape?: (() => void) | null;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
}

/** A field for a comment in Markdown. `@` offers the members, whom a comment can mention. */
export function CommentField({
  label,
  value,
  onChange,
  onSubmit,
  onEscape = null,
  placeholder,
  autoFocus = false,
}: CommentFieldProps) {
  const { combobox, field, list, look, takeKey } = useMentions(value, onChange);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (takeKey(event)) return;
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onSubmit();
    }
    if (event.key === "Escape" && onEscape !== null) {
      event.preventDefault();
      onEscape();
    }
  };
  return (
    <div className="relative">
      <textarea
        ref={field}
        aria-label={label}
        {...combobox}
        {...(onEscape === null ? {} : { "data-keeps-escape": true })}
        autoFocus={autoFocus}
        rows={2}
        placeholder={placeholder}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
          look(event.target);
        }}
        onSelect={(event) => look(event.currentTarget)}
        onBlur={() => look(null)}
        onKeyDown={onKeyDown}
        className="block field-sizing-content max-h-80 min-h-16 w-full resize-none rounded-lg border border-line-strong bg-bg px-3 py-2 text-base"
      />
      {list.activeId !== null && <MentionList list={list} />}
    </div>
  );
}

/** The members that are offered, above the field so that they cover nothing that is typed. */
function MentionList({ list: { activeId, choose, id, offered, optionId, setActive } }: { list: MentionListParts }) {
  return (
    <ul
      role="listbox"
      id={id}
      aria-label="Members"
      className="absolute bottom-full left-0 z-10 mb-1 w-64 max-w-full rounded-xl border border-line bg-raised p-1 shadow-pop animate-pop"
    >
      {offered.map((member, index) => (
        <li
          key={member.id}
          id={optionId(member)}
          role="option"
          aria-selected={member.id === activeId}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onMouseMove={() => setActive(index)}
          onClick={() => choose(member)}
          className={cx(
            "flex min-h-8 cursor-default items-center gap-2 rounded-lg px-2 py-1",
            member.id === activeId && "bg-hover",
          )}
        >
          <Avatar person={member} className="size-5" />
          <span className="min-w-0 flex-1 truncate">{member.name}</span>
          <span className="text-xs text-muted">{member.role}</span>
        </li>
      ))}
    </ul>
  );
}

/** How many characters a comment has too many, or has left when there are few; nothing before. */
export function LengthNote({ length }: { length: number }) {
  if (length < commentLimit * 0.95) return null;
  const over = length - commentLimit;
  return (
    <span className={cx("tabular text-xs", over > 0 ? "text-red" : "text-muted")} aria-live="polite">
      {over > 0 ? `${over.toLocaleString("en")} characters too many` : `${(-over).toLocaleString("en")} left`}
    </span>
  );
}
