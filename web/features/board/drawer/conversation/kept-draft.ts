const slotOf = (personId: string, ticketId: string) => `comment:${personId}:${ticketId}`;

/** The comment that a person was writing on a ticket in this tab, also before the page was loaded again. */
export function keptDraft(personId: string, ticketId: string): string {
  try {
    return sessionStorage.getItem(slotOf(personId, ticketId)) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the comment that a person is writing; an empty one is forgotten. */
export function keepDraft(personId: string, ticketId: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(slotOf(personId, ticketId));
    else sessionStorage.setItem(slotOf(personId, ticketId), text);
  } catch {
    // Storage may be blocked or full: the draft then lasts as long as the board is open.
  }
}
