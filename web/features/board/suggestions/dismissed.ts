import { useSyncExternalStore } from "react";
import type { SuggestionKind } from "../../../../domain/board/suggestions.ts";

const storageKey = "alime-dismissed-suggestions";
/** So many are remembered, the newest ones. */
const mostKept = 1_000;

const listeners = new Set<() => void>();
let known: ReadonlySet<string> | undefined;

const nameOf = (ticketId: string, kind: SuggestionKind): string => `${ticketId} ${kind}`;

function read(): ReadonlySet<string> {
  if (known !== undefined) return known;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    known = new Set(Array.isArray(stored) ? stored.map(String) : []);
  } catch {
    // The browser keeps nothing: suggestions stay away until the page is loaded again.
    known = new Set();
  }
  return known;
}

/** Puts a ticket's suggestion of one kind away, in this browser for good. */
export function dismiss(ticketId: string, kind: SuggestionKind): void {
  known = new Set([...read(), nameOf(ticketId, kind)].slice(-mostKept));
  try {
    localStorage.setItem(storageKey, JSON.stringify([...known]));
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The suggestions that were put away; the same object until there is one more. */
export function useDismissed(): (ticketId: string, kind: SuggestionKind) => boolean {
  const dismissed = useSyncExternalStore(subscribe, read);
  return (ticketId, kind) => dismissed.has(nameOf(ticketId, kind));
}
