import type { BoardLayout } from "../../contracts/board.ts";
import { stageOfColumn } from "./columns.ts";
import type { BoardFacts, TicketFacts } from "./facts.ts";
import type { BoardRefusal } from "./moves.ts";

/** The most tickets that one ticket depends on. */
export const maxDependencies = 50;

/** A ticket as far as dependencies are decided by it. */
export interface LinkedTicket {
  readonly id: string;
  readonly column: string;
  readonly dependsOn: readonly string[];
  /** Absent where deleted tickets are not among the others at all. */
  readonly isDeleted?: boolean;
}

/** The boards of a project and its tickets by their ids. */
export interface LinkedBoard<Ticket extends LinkedTicket> {
  readonly boards: readonly BoardLayout[];
  readonly tickets: ReadonlyMap<string, Ticket>;
}

/** Whether a ticket stands in a column for finished work. */
export function isDone<Ticket extends LinkedTicket>(board: LinkedBoard<Ticket>, ticket: LinkedTicket): boolean {
  return stageOfColumn(board.boards, ticket.column) === "done";
}

/** The tickets that keep a ticket from starting: those that it depends on and that are not done. A deleted one blocks nothing. */
export function blockedBy<Ticket extends LinkedTicket>(
  board: LinkedBoard<Ticket>,
  ticket: Pick<LinkedTicket, "dependsOn">,
): readonly Ticket[] {
  return ticket.dependsOn.flatMap((id) => {
    const other = board.tickets.get(id);
    return other === undefined || other.isDeleted === true || isDone(board, other) ? [] : [other];
  });
}

/** Whether work on a ticket can start: it is not done, not deleted, and everything that it depends on is done. */
export function isReady<Ticket extends LinkedTicket>(board: LinkedBoard<Ticket>, ticket: LinkedTicket): boolean {
  return ticket.isDeleted !== true && !isDone(board, ticket) && blockedBy(board, ticket).length === 0;
}

/** The tickets that depend on a ticket. */
export function dependentsOf<Ticket extends LinkedTicket>(board: LinkedBoard<Ticket>, id: string): readonly Ticket[] {
  return [...board.tickets.values()].filter(({ dependsOn }) => dependsOn.includes(id));
}

/**
 * The way from a ticket back to itself that a new dependency would close, as ids from the ticket to the ticket; undefined without one.
 * Deleted tickets count: they may be restored.
 */
export function cycleThrough<Ticket extends LinkedTicket>(
  { tickets }: LinkedBoard<Ticket>,
  id: string,
  dependsOn: string,
): readonly string[] | undefined {
  if (id === dependsOn) return [id, id];
  const cameFrom = new Map<string, string>([[dependsOn, id]]);
  const queue = [dependsOn];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const next of tickets.get(at)?.dependsOn ?? []) {
      if (next === id) return [...wayTo(cameFrom, id, at), id];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(cameFrom: ReadonlyMap<string, string>, start: string, end: string): readonly string[] {
  const way = [end];
  for (let at = cameFrom.get(end); at !== undefined && way[0] !== start; at = cameFrom.get(at)) way.unshift(at);
  return way;
}

/** Why a ticket can't be made to depend on another one, or no more; undefined when it can. */
export function refuseLink(
  facts: BoardFacts,
  id: string,
  dependsOn: string,
  kind: "link" | "unlink",
): BoardRefusal | undefined {
  const ticket = facts.tickets.get(id);
  if (ticket === undefined) return { ok: false, code: "not_found", detail: "There is no such ticket." };
  if (ticket.isDeleted)
    return { ok: false, code: "not_found", detail: "The ticket was deleted meanwhile. Restore it to change it." };
  if (kind === "unlink" || ticket.dependsOn.includes(dependsOn)) return undefined;
  const other = facts.tickets.get(dependsOn);
  if (other === undefined)
    return wrongLink("is not a ticket of this project. A ticket depends on tickets of its own project.");
  if (other.id === id) return wrongLink(`is the ticket itself: ${ticket.key} can't depend on itself.`);
  if (other.isDeleted) return wrongLink(`is deleted. Restore ${other.key} first, then depend on it.`);
  if (ticket.dependsOn.length >= maxDependencies)
    return wrongLink(`is one too many: a ticket depends on at most ${maxDependencies} others. Remove one first.`);
  const cycle = cycleThrough(facts, id, dependsOn);
  if (cycle === undefined) return undefined;
  const keys = cycle.map((each) => facts.tickets.get(each)?.key ?? each).join(" -> ");
  return { ...wrongLink(`would make a circle: ${keys}. Remove one of these dependencies first.`), code: "conflict" };
}

/** A ticket's dependencies after a link or its removal, in the order of their ids; undefined when they are so already. */
export function linked(
  facts: BoardFacts,
  id: string,
  dependsOn: string,
  kind: "link" | "unlink",
): TicketFacts["dependsOn"] | undefined {
  const known = facts.tickets.get(id)?.dependsOn ?? [];
  if (known.includes(dependsOn) === (kind === "link")) return undefined;
  if (kind === "unlink") return known.filter((each) => each !== dependsOn);
  return [...known, dependsOn].toSorted((a, b) => Number(a) - Number(b));
}

function wrongLink(message: string): BoardRefusal {
  return {
    ok: false,
    code: "invalid_request",
    detail: `dependsOn: ${message}`,
    issue: { path: "dependsOn", message },
  };
}
