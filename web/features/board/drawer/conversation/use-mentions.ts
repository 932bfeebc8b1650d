import { useQuery } from "@tanstack/react-query";
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Member } from "../../../../../contracts/ticket-parts.ts";
import { useMe } from "../../../../lib/me.ts";
import { membersFor, typedMention, withMention } from "../../../../lib/mentions.ts";
import { membersQuery } from "../../../../lib/ticket-queries.ts";

const nobody: readonly Member[] = [];

/** The members that are offered while a name is typed after `@` in a field, and how one of them is chosen. */
export function useMentions(value: string, onChange: (text: string) => void) {
  const { me } = useMe();
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  /** Where a list was closed by Esc: it stays closed for that name. */
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const next = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (next.current !== null) field.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  });

  const typed = caret === null ? null : typedMention(value, caret);
  const isWanted = typed !== null && typed.start !== closedAt;
  const { data = nobody } = useQuery({ ...membersQuery, enabled: isWanted });
  const others = data.filter(({ id }) => id !== me.user.id);
  const offered = isWanted ? membersFor(others, typed.letters) : nobody;
  const index = Math.min(active, Math.max(0, offered.length - 1));
  const isOpen = offered.length > 0;

  const choose = (member: Member) => {
    if (typed === null) return;
    const made = withMention(value, typed, member);
    next.current = made.caret;
    setCaret(made.caret);
    setActive(0);
    onChange(made.text);
    field.current?.focus();
  };
  /** Takes a key that is meant for the list, and says so. */
  const takeKey = (event: KeyboardEvent): boolean => {
    if (!isOpen || event.ctrlKey || event.metaKey || event.altKey) return false;
    const chosen = offered[index];
    if (event.key === "ArrowDown") setActive((index + 1) % offered.length);
    else if (event.key === "ArrowUp") setActive((index + offered.length - 1) % offered.length);
    else if (event.key === "Escape") setClosedAt(typed?.start ?? null);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && chosen !== undefined) choose(chosen);
    else return false;
    event.preventDefault();
    return true;
  };
  /** Notes where the caret stands. */
  const look = (target: HTMLTextAreaElement | null) => {
    const at = target?.selectionStart ?? null;
    setCaret(at !== null && at === target?.selectionEnd ? at : null);
    if (at === null || typedMention(target?.value ?? "", at)?.start !== closedAt) setClosedAt(null);
  };
  const optionId = (member: Member) => `${listId}-${member.id}`;
  const activeMember = offered[index];
  return {
    field,
    list: { id: listId, offered, activeId: activeMember?.id ?? null, optionId, choose, setActive },
    takeKey,
    look,
    combobox: {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-expanded": isOpen,
      ...(activeMember === undefined
        ? {}
        : { "aria-controls": listId, "aria-activedescendant": optionId(activeMember), "data-keeps-escape": true }),
    },
  } as const;
}

export type MentionListParts = ReturnType<typeof useMentions>["list"];
