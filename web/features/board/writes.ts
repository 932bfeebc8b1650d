import type { QueryClient } from "@tanstack/react-query";
import type { BoardColumn, EditTicket } from "../../../contracts/board.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { api, asApiError, bodyOf, type ApiError } from "../../lib/api.ts";
import { ticketQuery } from "../../lib/queries.ts";
import { toast } from "../../lib/toast.ts";
import type { NamedTicket } from "./links.ts";
import type { Place } from "./model/order.ts";
import type { EditedFields } from "./model/own-writes.ts";
import type { BoardStore } from "./store.ts";

/** An edit's outcome: another person's text of the same fields is handed back instead of being written over. */
export type EditOutcome =
  | { readonly kind: "saved" }
  | { readonly kind: "conflict"; readonly other: Ticket }
  | { readonly kind: "failed"; readonly error: ApiError };

/** Why an edit was not made, in sentences. */
export function whyNotSaved(outcome: Exclude<EditOutcome, { kind: "saved" }>): string {
  return outcome.kind === "conflict"
    ? "Somebody else changed it at the same time; their choice stays."
    : outcome.error.message;
}

const mostTries = 3;

/** Sends this page's writes of a board one after the other, so that they are done in the order in which they were made. */
export class BoardWrites {
  readonly #projectId: string;
  readonly #store: BoardStore;
  readonly #queryClient: QueryClient;
  /** Tickets as the answers of this page's edits brought them, which may come before their changes. */
  readonly #answered = new Map<string, Ticket>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(projectId: string, store: BoardStore, queryClient: QueryClient) {
    this.#projectId = projectId;
    this.#store = store;
    this.#queryClient = queryClient;
  }

  /** Puts tickets to a place at once; they go back, with the reason, when the server refuses. */
  async move(ticketIds: readonly string[], { before, column }: Place): Promise<void> {
    const token = this.#store.begin({ kind: "move", ticketIds, column, before });
    const name = this.#name(ticketIds);
    const params = { path: { id: this.#projectId } };
    await this.#inTurn(async () => {
      try {
        const body = { ticketIds: [...ticketIds], column, before };
        this.#store.end(token, await bodyOf(api.POST("/api/projects/{id}/moves", { params, body })));
      } catch (error) {
        this.#store.end(token, null);
        tell(
          `move-${token}`,
          `${name} did not move to ${this.#store.nameOf(column)}`,
          error,
          "It is back where it was.",
        );
      }
    });
  }

  /** Puts a column behind another one of its board, or first, at once; it goes back, with the reason, when the server refuses. */
  async moveColumn({ id, name }: Pick<BoardColumn, "id" | "name">, after: string | null): Promise<void> {
    const token = this.#store.begin({ kind: "move_column", columnId: id, after });
    const params = { path: { id: this.#projectId, columnId: id } };
    await this.#inTurn(async () => {
      try {
        const call = api.PATCH("/api/projects/{id}/columns/{columnId}", { params, body: { after } });
        this.#store.end(token, await bodyOf(call));
      } catch (error) {
        this.#store.end(token, null);
        tell(`column-${id}`, `${name} was not moved`, error, "It is back where it was.");
      }
    });
  }

  /** Makes a ticket depend on another one at once, or no more. Where the server refuses, the ticket is as it was and the error is handed back. */
  async link(kind: "link" | "unlink", ticket: NamedTicket, other: NamedTicket): Promise<ApiError | null> {
    const token = this.#store.begin({ kind, ticketId: ticket.id, dependsOn: other.id });
    const options = { params: { path: { id: ticket.id, otherId: other.id } } };
    const address = "/api/tickets/{id}/dependencies/{otherId}";
    return this.#inTurn(async () => {
      try {
        const call = kind === "link" ? api.PUT(address, options) : api.DELETE(address, options);
        this.#store.end(token, await bodyOf(call));
        return null;
      } catch (error) {
        this.#store.end(token, null);
        return asApiError(error);
      }
    });
  }

  /** Deletes a ticket at once, and offers to undo it. */
  async delete(ticket: Ticket): Promise<void> {
    const token = this.#store.begin({ kind: "delete", ticketIds: [ticket.id] });
    await this.#inTurn(async () => {
      try {
        const params = { path: { id: ticket.id } };
        this.#store.end(token, await bodyOf(api.DELETE("/api/tickets/{id}", { params })));
        this.#queryClient.removeQueries({ queryKey: ticketQuery(ticket.id).queryKey });
        toast({
          id: `deleted-${ticket.id}`,
          title: `${ticket.key} was deleted`,
          detail: ticket.title,
          action: { label: "Undo", run: () => void this.restore(ticket) },
        });
      } catch (error) {
        this.#store.end(token, null);
        tell(`deleted-${ticket.id}`, `${ticket.key} was not deleted`, error, "It is back on the board.");
      }
    });
  }

  /** Brings a deleted ticket back. Says so where that fails, and returns whether it is back. */
  async restore({ id, key }: Pick<Ticket, "id" | "key">): Promise<boolean> {
    return this.#inTurn(async () => {
      try {
        const ticket = await bodyOf(api.POST("/api/tickets/{id}/restore", { params: { path: { id } } }));
        this.#queryClient.setQueryData(ticketQuery(id).queryKey, ticket);
        return true;
      } catch (error) {
        tell(`deleted-${id}`, `${key} was not restored`, error, "Try it again from the ticket’s address.");
        return false;
      }
    });
  }

  /**
   * Changes fields of a ticket. `seen` are their values from which the person began: where another person has changed one of them
   * meanwhile, nothing is written. Changes of other fields, and moves, are no conflict.
   */
  async edit(seen: Ticket, fields: EditedFields): Promise<EditOutcome> {
    const token = this.#store.begin({ kind: "edit", ticketId: seen.id, fields });
    return this.#inTurn(async () => {
      const outcome = await this.#edit(token, seen, fields);
      if (outcome.kind !== "saved") this.#store.end(token, null);
      return outcome;
    });
  }

  async #edit(token: number, seen: Ticket, fields: EditedFields): Promise<EditOutcome> {
    const params = { path: { id: seen.id } };
    let now = this.#newest(seen);
    for (let attempt = 1; ; attempt += 1) {
      if (isChanged(seen, now, fields)) return { kind: "conflict", other: now };
      try {
        const body = { version: now.version, ...bodyOfFields(fields) };
        const ticket = await bodyOf(api.PATCH("/api/tickets/{id}", { params, body }));
        this.#answered.set(seen.id, ticket);
        this.#store.end(token, { version: ticket.version });
        return { kind: "saved" };
      } catch (error) {
        const failure = asApiError(error);
        if (failure.code !== "conflict" || attempt === mostTries) return { kind: "failed", error: failure };
      }
      try {
        now = await bodyOf(api.GET("/api/tickets/{id}", { params }));
      } catch (error) {
        return { kind: "failed", error: asApiError(error) };
      }
    }
  }

  #newest(seen: Ticket): Ticket {
    const answered = this.#answered.get(seen.id);
    const known = this.#store.read().model.tickets.get(seen.id) ?? seen;
    return answered !== undefined && answered.version > known.version ? answered : known;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #name(ticketIds: readonly string[]): string {
    const [only] = ticketIds;
    if (ticketIds.length > 1 || only === undefined) return `${ticketIds.length} tickets`;
    return this.#store.read().tickets.get(only)?.key ?? "The ticket";
  }
}

function tell(id: string, title: string, error: unknown, kept: string): void {
  toast({ id, title, detail: `${asApiError(error).message} ${kept}`.trim() });
}

const fieldsOf = (fields: EditedFields) => Object.keys(fields) as readonly (keyof EditedFields)[];

function isChanged(seen: Ticket, now: Ticket, fields: EditedFields): boolean {
  return fieldsOf(fields).some((name) => JSON.stringify(seen[name]) !== JSON.stringify(now[name]));
}

/** Fields as the API takes them: a person and a repository by their ids. */
function bodyOfFields({ assignee, repository, ...rest }: EditedFields): Omit<EditTicket, "version"> {
  return {
    ...rest,
    ...(assignee === undefined ? {} : { assigneeId: assignee?.id ?? null }),
    ...(repository === undefined ? {} : { repositoryId: repository?.id ?? null }),
  };
}
