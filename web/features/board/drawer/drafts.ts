import { useSyncExternalStore } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import type { ApiError } from "../../../lib/api.ts";
import { toast } from "../../../lib/toast.ts";
import type { EditedFields } from "../model/own-writes.ts";
import type { BoardWrites } from "../writes.ts";

/** A field of a ticket that is typed as text. */
export type TextField = "title" | "description" | "acceptanceCriteria" | "labels";

/** A text that was typed and is not saved; `seen` is the ticket from which the person began. */
export interface Draft {
  readonly text: string;
  readonly seen: Ticket;
  readonly saving: boolean;
  /** The ticket as another person has written it meanwhile. */
  readonly other: Ticket | null;
  readonly error: ApiError | null;
}

export const fieldNames: Readonly<Record<TextField, string>> = {
  title: "title",
  description: "description",
  acceptanceCriteria: "acceptance criteria",
  labels: "labels",
};

/** A field's value as it is typed: labels are separated by commas. */
export function textOf(ticket: Ticket, field: TextField): string {
  return field === "labels" ? ticket.labels.join(", ") : ticket[field];
}

function fieldsOf(field: TextField, text: string): EditedFields {
  if (field === "title") return { title: text.trim() };
  if (field !== "labels") return { [field]: text };
  const labels = text.split(",").map((label) => label.trim());
  return { labels: [...new Set(labels.filter((label) => label !== ""))] };
}

const keyOf = (ticketId: string, field: TextField) => `${ticketId} ${field}`;

/** Texts that were typed into tickets and are not saved. They outlive the drawer, so that nothing typed is lost. */
export class TicketDrafts {
  readonly #writes: BoardWrites;
  readonly #openTicket: (id: string) => void;
  readonly #drafts = new Map<string, Draft>();
  readonly #listeners = new Set<() => void>();
  /** The ticket in the drawer, where a text that could not be saved is shown. */
  shown: string | null = null;

  constructor(writes: BoardWrites, openTicket: (id: string) => void) {
    this.#writes = writes;
    this.#openTicket = openTicket;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read(ticketId: string, field: TextField): Draft | null {
    return this.#drafts.get(keyOf(ticketId, field)) ?? null;
  }

  /** Takes what was typed; `ticket` is the one that the person sees. */
  type(ticket: Ticket, field: TextField, text: string): void {
    const before = this.read(ticket.id, field);
    const blank = { seen: ticket, saving: false, other: null, error: null };
    this.#set(ticket.id, field, { ...(before ?? blank), text });
  }

  /** Takes back what was typed. */
  drop(ticketId: string, field: TextField): void {
    this.#set(ticketId, field, null);
  }

  /** Saves what was typed, if it is anything new. It stays when that fails, or when another person has changed the same field. */
  async save(ticketId: string, field: TextField): Promise<void> {
    const draft = this.read(ticketId, field);
    if (draft === null || draft.saving || draft.other !== null) return;
    const { seen, text } = draft;
    const fields = fieldsOf(field, text);
    const isSame = JSON.stringify(fields[field]) === JSON.stringify(seen[field]);
    if (isSame || (field === "title" && text.trim() === "")) return this.drop(ticketId, field);
    this.#set(ticketId, field, { ...draft, saving: true, error: null });
    const outcome = await this.#writes.edit(seen, fields);
    const now = this.read(ticketId, field);
    if (now === null) return;
    if (outcome.kind === "saved")
      return now.text === text
        ? this.drop(ticketId, field)
        : this.#set(ticketId, field, { ...now, seen: { ...seen, ...fields }, saving: false });
    const other = outcome.kind === "conflict" ? outcome.other : null;
    const error = outcome.kind === "failed" ? outcome.error : null;
    this.#set(ticketId, field, { ...now, saving: false, other, error });
    if (this.shown === ticketId) return;
    toast({
      id: `draft-${ticketId}-${field}`,
      title: `The ${fieldNames[field]} of ${seen.key} was not saved`,
      detail: `${error?.message ?? "It was changed by somebody else meanwhile."} Your text is kept.`,
      action: { label: "Open", run: () => this.#openTicket(ticketId) },
    });
  }

  /** Writes what was typed over the text of the other person. */
  async keepMine(ticketId: string, field: TextField): Promise<void> {
    const draft = this.read(ticketId, field);
    if (draft === null || draft.other === null) return;
    this.#set(ticketId, field, { ...draft, seen: draft.other, other: null });
    await this.save(ticketId, field);
  }

  #set(ticketId: string, field: TextField, draft: Draft | null): void {
    if (draft === null) this.#drafts.delete(keyOf(ticketId, field));
    else this.#drafts.set(keyOf(ticketId, field), draft);
    for (const listener of this.#listeners) listener();
  }
}

/** What was typed into a field and is not saved. */
export function useDraft(drafts: TicketDrafts, ticketId: string, field: TextField): Draft | null {
  return useSyncExternalStore(drafts.subscribe, () => drafts.read(ticketId, field));
}
