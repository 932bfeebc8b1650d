import type { BoardRefusal } from "./moves.ts";
import type { BoardFacts } from "./facts.ts";

/** Why a ticket can't be changed by a write that has seen `version`; undefined when it can. */
export function refuseEdit(facts: BoardFacts, id: string, version: number): BoardRefusal | undefined {
  const ticket = facts.tickets.get(id);
  if (ticket === undefined) return { ok: false, code: "not_found", detail: "There is no such ticket." };
  if (ticket.isDeleted)
    return { ok: false, code: "not_found", detail: "The ticket was deleted meanwhile. Restore it to change it." };
  if (ticket.version !== version)
    return {
      ok: false,
      code: "conflict",
      detail: `The ticket was changed meanwhile: it is at version ${ticket.version}, yours was ${version}. Look at it again; your text was not saved.`,
    };
  return undefined;
}

/** A ticket as far as its parent is concerned. */
interface ChildTicket {
  readonly id: string;
  readonly parentId: string | null;
  /** Absent where deleted tickets are not among the others at all. */
  readonly isDeleted?: boolean;
}

/** Why a ticket can't get this parent; undefined when it can. A ticket is never its own ancestor. */
export function refuseParent(
  facts: { readonly tickets: ReadonlyMap<string, ChildTicket> },
  id: string | null,
  parentId: string | null,
): BoardRefusal | undefined {
  if (parentId === null) return undefined;
  const parent = facts.tickets.get(parentId);
  if (parent === undefined || parent.isDeleted === true) return wrongParent("is not a ticket of this project");
  const seen = new Set<string>();
  for (let at: ChildTicket | undefined = parent; at !== undefined && !seen.has(at.id);) {
    if (at.id === id) return wrongParent("would make the ticket its own ancestor");
    seen.add(at.id);
    at = at.parentId === null ? undefined : facts.tickets.get(at.parentId);
  }
  return undefined;
}

function wrongParent(message: string): BoardRefusal {
  return {
    ok: false,
    code: "invalid_request",
    detail: `parentId: ${message}`,
    issue: { path: "parentId", message },
  };
}
