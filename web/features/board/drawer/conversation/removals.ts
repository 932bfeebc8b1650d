import { useSyncExternalStore } from "react";
import { asApiError, type ApiError } from "../../../../lib/api.ts";

/** A part of a ticket that was deleted on this page and can be restored in its place. An `error` is why that failed, or the deletion. */
export interface Removed<Part> {
  readonly part: Part;
  readonly step: "deleting" | "deleted" | "restoring" | "kept";
  readonly error: ApiError | null;
}

type RemovedParts<Part> = ReadonlyMap<string, Removed<Part>>;

interface RemovalCalls<Part> {
  readonly remove: (part: Part) => Promise<void>;
  readonly restore: (part: Part) => Promise<void>;
}

/** Deletes parts of tickets at once, and brings them back. */
export class Removals<Part extends { readonly id: string; readonly ticketId: string }> {
  readonly #calls: RemovalCalls<Part>;
  readonly #listeners = new Set<() => void>();
  readonly #none: RemovedParts<Part> = new Map();
  readonly #removed = new Map<string, RemovedParts<Part>>();

  constructor(calls: RemovalCalls<Part>) {
    this.#calls = calls;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The parts of a ticket that were deleted here, by their ids. */
  of(ticketId: string): RemovedParts<Part> {
    return this.#removed.get(ticketId) ?? this.#none;
  }

  /** Deletes a part; its place shows how to undo that. */
  async remove(part: Part): Promise<void> {
    this.#set(part, "deleting", null);
    try {
      await this.#calls.remove(part);
      this.#set(part, "deleted", null);
    } catch (error) {
      this.#set(part, "kept", asApiError(error));
    }
  }

  /** Brings a part back that was deleted here. */
  async restore(part: Part): Promise<void> {
    this.#set(part, "restoring", null);
    try {
      await this.#calls.restore(part);
      this.#set(part, null, null);
    } catch (error) {
      this.#set(part, "deleted", asApiError(error));
    }
  }

  /** Forgets the parts of a ticket that were deleted here: their places are gone with the drawer. */
  forget(ticketId: string): void {
    this.#put(ticketId, new Map([...this.of(ticketId)].filter(([, { step }]) => step !== "deleted")));
  }

  #set(part: Part, step: Removed<Part>["step"] | null, error: ApiError | null): void {
    const next = new Map(this.of(part.ticketId));
    if (step === null) next.delete(part.id);
    else next.set(part.id, { part, step, error });
    this.#put(part.ticketId, next);
  }

  #put(ticketId: string, removed: RemovedParts<Part>): void {
    this.#removed.set(ticketId, removed);
    for (const listener of this.#listeners) listener();
  }
}

/** The parts of a ticket that were deleted here, by their ids. */
export function useRemoved<Part extends { readonly id: string; readonly ticketId: string }>(
  removals: Removals<Part>,
  ticketId: string,
): RemovedParts<Part> {
  return useSyncExternalStore(removals.subscribe, () => removals.of(ticketId));
}

/** Parts with those that were deleted here, oldest first, each once. */
export function withRemoved<Part extends { readonly id: string }>(
  parts: readonly Part[],
  removed: RemovedParts<Part>,
): readonly Part[] {
  const byId = new Map([...[...removed.values()].map(({ part }) => part), ...parts].map((part) => [part.id, part]));
  return [...byId.values()].toSorted((one, other) => Number(one.id) - Number(other.id));
}
