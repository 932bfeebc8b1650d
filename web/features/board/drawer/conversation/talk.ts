import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Comment } from "../../../../../contracts/ticket-parts.ts";
import type { Ticket } from "../../../../../contracts/project.ts";
import { api, asApiError, bodyOf, done, type ApiError } from "../../../../lib/api.ts";
import { commentsQuery } from "../../../../lib/ticket-queries.ts";
import { toast } from "../../../../lib/toast.ts";
import { BoardFiles } from "./files.ts";
import { keepDraft, keptDraft } from "./kept-draft.ts";
import { withComment, type CommentEdit, type Sending } from "./listed.ts";
import { Removals } from "./removals.ts";

/** The comments of a ticket that are being written, sent and changed on this page. */
interface TicketTalk {
  /** The comment that is being written. */
  readonly draft: string;
  readonly sending: readonly Sending[];
  readonly edits: ReadonlyMap<string, CommentEdit>;
}

const silence: TicketTalk = { draft: "", sending: [], edits: new Map() };
type TicketName = Pick<Ticket, "id" | "key">;

/** Comments and files of tickets that are being written, sent, changed and deleted. They outlive the drawer, so that nothing typed is lost. */
export class BoardTalk {
  readonly #queryClient: QueryClient;
  readonly #personId: string;
  readonly #openTicket: (id: string) => void;
  readonly #talks = new Map<string, TicketTalk>();
  readonly #listeners = new Set<() => void>();
  /** The ticket in the drawer, where a comment that could not be sent is shown. */
  shown: string | null = null;

  readonly removals = new Removals<Comment>({
    remove: ({ id }) => done(api.DELETE("/api/comments/{id}", { params: { path: { id } } })),
    restore: async ({ id }) =>
      this.#take(await bodyOf(api.POST("/api/comments/{id}/restore", { params: { path: { id } } }))),
  });
  readonly files: BoardFiles;

  constructor(queryClient: QueryClient, personId: string, openTicket: (id: string) => void) {
    this.#queryClient = queryClient;
    this.#personId = personId;
    this.#openTicket = openTicket;
    this.files = new BoardFiles(queryClient, (ticket, reason) =>
      this.#tellElsewhere(ticket, "A file", "was not attached", reason, "Choose it again there."),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read(ticketId: string): TicketTalk {
    const known = this.#talks.get(ticketId);
    if (known !== undefined) return known;
    const kept = { ...silence, draft: keptDraft(this.#personId, ticketId) };
    this.#talks.set(ticketId, kept);
    return kept;
  }

  /** Takes the comment that is being written. */
  write(ticketId: string, draft: string): void {
    this.#set(ticketId, { draft });
  }

  /** Sends the comment that is being written; it is shown at once, after the newest one that the person has seen. */
  async send(ticket: TicketName, newest: number): Promise<void> {
    const { draft, sending } = this.read(ticket.id);
    const body = draft.trim();
    if (body === "") return;
    const made: Sending = { key: crypto.randomUUID(), body, authorId: this.#personId, after: newest, error: null };
    this.#set(ticket.id, { draft: "", sending: [...sending, made] });
    await this.#post(ticket, made);
  }

  /** Sends one again that failed. */
  async resend(ticket: TicketName, key: string): Promise<void> {
    const failed = this.read(ticket.id).sending.find((each) => each.key === key);
    if (failed === undefined || failed.error === null) return;
    this.#setSending(ticket.id, key, { ...failed, error: null });
    await this.#post(ticket, failed);
  }

  /** Puts one that failed back into the field, before what was typed since. */
  takeBack(ticketId: string, key: string): void {
    const { draft, sending } = this.read(ticketId);
    const failed = sending.find((each) => each.key === key);
    if (failed === undefined) return;
    this.#setSending(ticketId, key, null);
    this.#set(ticketId, { draft: draft.trim() === "" ? failed.body : `${failed.body}\n\n${draft}` });
  }

  /** Takes another text of a comment; null leaves it as it is on the server. */
  edit(comment: Comment, text: string | null): void {
    const before = this.read(comment.ticketId).edits.get(comment.id);
    const blank = { seen: comment, saving: false, other: null, error: null };
    this.#setEdit(comment, text === null ? null : { ...(before ?? blank), text });
  }

  /** Saves the text that a comment was given. Where it was changed from elsewhere meanwhile, both texts stay. */
  async saveEdit(ticket: TicketName, id: string): Promise<void> {
    const edit = this.read(ticket.id).edits.get(id);
    if (edit === undefined || edit.saving || edit.other !== null || edit.text.trim() === "") return;
    const { seen, text } = edit;
    if (text === seen.body) return this.#setEdit(seen, null);
    this.#setEdit(seen, { ...edit, saving: true, error: null });
    const params = { path: { id } };
    try {
      const body = { version: seen.version, body: text };
      await this.#take(await bodyOf(api.PATCH("/api/comments/{id}", { params, body })));
      this.#setEdit(seen, null);
    } catch (thrown) {
      let error: ApiError | null = asApiError(thrown);
      let other: CommentEdit["other"] = null;
      if (error.code === "conflict") {
        const versions = await bodyOf(api.GET("/api/comments/{id}/versions", { params })).catch(() => null);
        other = versions?.items[0] ?? null;
        if (other !== null) error = null;
      }
      this.#setEdit(seen, { ...edit, error, other });
      this.#tellElsewhere(ticket, "A changed comment", "was not saved", error?.message ?? "It was changed meanwhile.");
    }
  }

  /** Saves this page's text over the one that was saved from elsewhere. */
  async keepMine(ticket: TicketName, id: string): Promise<void> {
    const edit = this.read(ticket.id).edits.get(id);
    if (edit === undefined || edit.other === null) return;
    const { body, version } = edit.other;
    this.#setEdit(edit.seen, { ...edit, seen: { ...edit.seen, body, version }, other: null });
    await this.saveEdit(ticket, id);
  }

  async #post(ticket: TicketName, { body, key }: Sending): Promise<void> {
    try {
      const options = { params: { path: { id: ticket.id } }, body: { body, idempotencyKey: key } };
      await this.#take(await bodyOf(api.POST("/api/tickets/{id}/comments", options)));
      this.#setSending(ticket.id, key, null);
    } catch (thrown) {
      const error = asApiError(thrown);
      const failed = this.read(ticket.id).sending.find((each) => each.key === key);
      if (failed !== undefined) this.#setSending(ticket.id, key, { ...failed, error });
      // Without the drawer nothing shows it: the field keeps it, also for when the board is left.
      if (this.shown !== ticket.id) this.takeBack(ticket.id, key);
      this.#tellElsewhere(ticket, "A comment", "was not sent", error.message);
    }
  }

  /** Shows a comment as the server has it. An answer to an older question must not come after it. */
  async #take(comment: Comment): Promise<void> {
    const { queryKey } = commentsQuery(comment.ticketId);
    await this.#queryClient.cancelQueries({ queryKey });
    this.#queryClient.setQueryData(
      queryKey,
      (known) => known && { ...known, pages: withComment(known.pages, comment) },
    );
    void this.#queryClient.invalidateQueries({ queryKey });
  }

  #tellElsewhere(
    ticket: TicketName,
    subject: string,
    outcome: string,
    reason: string,
    kept = "Your text is kept.",
  ): void {
    if (this.shown === ticket.id) return;
    toast({
      id: `talk-${ticket.id}`,
      title: `${subject} on ${ticket.key} ${outcome}`,
      detail: `${reason} ${kept}`,
      action: { label: "Open", run: () => this.#openTicket(ticket.id) },
    });
  }

  #setSending(ticketId: string, key: string, next: Sending | null): void {
    const { sending } = this.read(ticketId);
    this.#set(ticketId, { sending: sending.flatMap((each) => (each.key === key ? (next ?? []) : each)) });
  }

  #setEdit({ id, ticketId }: Comment, edit: CommentEdit | null): void {
    this.#set(ticketId, { edits: withEntry(this.read(ticketId).edits, id, edit) });
  }

  #set(ticketId: string, parts: Partial<TicketTalk>): void {
    this.#talks.set(ticketId, { ...this.read(ticketId), ...parts });
    if (parts.draft !== undefined) keepDraft(this.#personId, ticketId, parts.draft);
    for (const listener of this.#listeners) listener();
  }
}

function withEntry<T>(map: ReadonlyMap<string, T>, key: string, value: T | null): ReadonlyMap<string, T> {
  const next = new Map(map);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}

/** The comments of a ticket that are being written, sent and changed on this page. */
export function useTalk(talk: BoardTalk, ticketId: string): TicketTalk {
  return useSyncExternalStore(talk.subscribe, () => talk.read(ticketId));
}
