import type { Ticket } from "../../../../../contracts/project.ts";

interface Search {
  /** Words of keys and titles; empty: every ticket. */
  readonly text: string;
  /** The tickets that can be chosen. */
  readonly mayChoose: (ticket: Ticket) => boolean;
  /** Whether a ticket comes after those that are as good a match. */
  readonly comesLater: (ticket: Ticket) => boolean;
}

/** The tickets whose key or title has every word of a text, the best match first, and of equal ones the one that was changed last. */
export function findTickets(tickets: Iterable<Ticket>, { comesLater, mayChoose, text }: Search): readonly Ticket[] {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  const found: { readonly ticket: Ticket; readonly rank: number; readonly isLater: boolean }[] = [];
  for (const ticket of tickets) {
    const key = ticket.key.toLowerCase();
    const title = ticket.title.toLowerCase();
    if (!words.every((word) => key.includes(word) || title.includes(word)) || !mayChoose(ticket)) continue;
    found.push({ ticket, rank: rankOf(key, title, words.join(" ")), isLater: comesLater(ticket) });
  }
  return found
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        Number(a.isLater) - Number(b.isLater) ||
        b.ticket.updatedAtMs - a.ticket.updatedAtMs ||
        Number(b.ticket.id) - Number(a.ticket.id),
    )
    .map(({ ticket }) => ticket);
}

/** Lower is better: the key itself or its number, the start of a key or title, the start of a word, anywhere. */
function rankOf(key: string, title: string, text: string): number {
  if (text === "") return 0;
  if (key === text || key.endsWith(`-${text}`)) return 0;
  if (key.startsWith(text) || title.startsWith(text)) return 1;
  return title.includes(` ${text}`) ? 2 : 3;
}
