import type { Ticket } from "../../../contracts/project.ts";
import { cycleThrough } from "../../../domain/board/dependencies.ts";
import type { BoardStore } from "./store.ts";
import type { BoardWrites } from "./writes.ts";

/** A ticket as far as a sentence about its dependencies goes. */
export type NamedTicket = Pick<Ticket, "id" | "key">;

/** Why a dependency was not made or not removed, for the person who asked for it. */
export interface LinkRefusal {
  readonly title: string;
  readonly detail: string;
}

interface Parts {
  readonly store: BoardStore;
  readonly writes: Pick<BoardWrites, "link">;
}

/** Makes a ticket depend on another one at once. A circle is refused with its way, before anything is sent. Null: it was done. */
export async function link(
  { store, writes }: Parts,
  ticket: NamedTicket,
  other: NamedTicket,
): Promise<LinkRefusal | null> {
  const title = `${ticket.key} can’t depend on ${other.key}`;
  const board = store.read();
  const cycle = cycleThrough(board, ticket.id, other.id);
  if (cycle !== undefined) {
    const keys = cycle.map((id) => board.tickets.get(id)?.key ?? id).join(" → ");
    return { title, detail: `It would make a circle: ${keys}. Remove one of these dependencies first.` };
  }
  return refusalOf(title, await writes.link("link", ticket, other));
}

/** Makes a ticket depend on another one no more. Null: it was done. */
export async function unlink({ writes }: Parts, ticket: NamedTicket, other: NamedTicket): Promise<LinkRefusal | null> {
  return refusalOf(`${ticket.key} still depends on ${other.key}`, await writes.link("unlink", ticket, other));
}

function refusalOf(title: string, error: Awaited<ReturnType<BoardWrites["link"]>>): LinkRefusal | null {
  if (error === null) return null;
  const issue = error.issueAt("dependsOn");
  return { title, detail: issue === null ? error.message : `The ticket ${issue.replaceAll("->", "→")}` };
}
