import type { BoardChange, MoveTickets } from "../../contracts/board.ts";
import { findColumn } from "./columns.ts";
import { ticketsIn, type BoardFacts, type TicketFacts } from "./facts.ts";
import { haveGrown, ranksBetween } from "./rank.ts";

type Moved = Extract<BoardChange, { readonly type: "tickets.moved" }>["data"];

/** A refusal of a board's write, with the sentence for the person. */
export interface BoardRefusal {
  readonly ok: false;
  readonly code: "not_found" | "conflict" | "invalid_request";
  readonly detail: string;
  /** The field that is wrong, for `invalid_request`. */
  readonly issue?: { readonly path: string; readonly message: string };
}

/**
 * The moves that put tickets into a column in the order given, before the ticket `before`; at the end where it is null or has left the
 * column meanwhile. Tickets that were deleted meanwhile are left out; `not_found` when none is left, and for a ticket that the
 * project never had. Undefined when everything stands there already. Where ranks have grown long, the whole column is ranked anew.
 */
export function decideMove(
  facts: BoardFacts,
  { before, column, ticketIds }: MoveTickets,
): { readonly ok: true; readonly moved: Moved | undefined } | BoardRefusal {
  if (findColumn(facts.boards, column) === undefined) return noColumn("Nothing was moved: choose another column.");
  const known = ticketIds.map((id) => facts.tickets.get(id));
  const missing = ticketIds.find((id) => !facts.tickets.has(id));
  if (missing !== undefined)
    return { ok: false, code: "not_found", detail: `This project has no ticket ${missing}. Nothing was moved.` };
  const moving = known.filter((ticket): ticket is TicketFacts => ticket !== undefined && !ticket.isDeleted);
  if (moving.length === 0)
    return { ok: false, code: "not_found", detail: "The ticket was deleted meanwhile. Restore it to move it." };
  const ids = new Set(moving.map(({ id }) => id));
  const standing = ticketsIn(facts, column);
  const others = standing.filter(({ id }) => !ids.has(id));
  const at = before === null ? -1 : others.findIndex(({ id }) => id === before);
  const position = at === -1 ? others.length : at;
  const order = [...others.slice(0, position), ...moving, ...others.slice(position)];
  if (order.length === standing.length && order.every(({ id }, index) => standing[index]?.id === id))
    return { ok: true, moved: undefined };
  const ranks = ranksAt(others, position, moving.length);
  const moves = (tickets: readonly TicketFacts[], given: readonly string[]): Moved["moves"] =>
    tickets.map(({ id, version }, index) => ({ id, rank: given[index] ?? "", version }));
  if (ranks !== undefined && !haveGrown(ranks)) return { ok: true, moved: { column, moves: moves(moving, ranks) } };
  return { ok: true, moved: { column, moves: moves(order, ranksBetween(null, null, order.length)) } };
}

/** The refusal of a write that names a column which no board has. `then` says what to do. */
export function noColumn(then: string): BoardRefusal {
  return {
    ok: false,
    code: "not_found",
    detail: `This project has no such column; it may have been removed meanwhile. ${then}`,
  };
}

/** The rank at the end of a column for `count` tickets that come to it. */
export function ranksAtEnd(
  facts: Pick<BoardFacts, "tickets">,
  column: TicketFacts["column"],
  count: number,
): readonly string[] {
  return ranksBetween(ticketsIn(facts, column).at(-1)?.rank ?? null, null, count);
}

/** Ranks for tickets at a position among others; undefined where two neighbours have the same rank, so that none is between. */
function ranksAt(others: readonly TicketFacts[], position: number, count: number): readonly string[] | undefined {
  const after = others[position - 1]?.rank ?? null;
  const next = others[position]?.rank ?? null;
  if (after !== null && next !== null && after >= next) return undefined;
  return ranksBetween(after, next, count);
}
