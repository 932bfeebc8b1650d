import type { BoardChange, BoardLayout } from "../../contracts/board.ts";

/** The facts of a ticket that decide about writes to its board. */
export interface TicketFacts {
  readonly id: string;
  /** Its name for people, such as LIME-7. */
  readonly key: string;
  /** The id of its column, which one of the boards has. */
  readonly column: string;
  readonly rank: string;
  readonly version: number;
  readonly parentId: string | null;
  /** The tickets that must be done before it can start. */
  readonly dependsOn: readonly string[];
  readonly isDeleted: boolean;
}

/** A board as far as writes are decided by it: all its tickets, deleted ones too, at one change. */
export interface BoardFacts {
  readonly headSeq: number;
  readonly boards: readonly BoardLayout[];
  readonly tickets: ReadonlyMap<string, TicketFacts>;
}

/** Orders the tickets of a column: by rank, compared by code unit as SQLite does, then by id. */
export function byRank(a: Pick<TicketFacts, "rank" | "id">, b: Pick<TicketFacts, "rank" | "id">): number {
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
  return Number(a.id) - Number(b.id);
}

/** A column's tickets that are not deleted, in order. */
export function ticketsIn({ tickets }: Pick<BoardFacts, "tickets">, column: string): readonly TicketFacts[] {
  return [...tickets.values()].filter((ticket) => ticket.column === column && !ticket.isDeleted).toSorted(byRank);
}

/** Takes a committed change into a map of facts, which it alters. */
export function takeChange(tickets: Map<string, TicketFacts>, change: BoardChange): void {
  const alter = (id: string, next: Partial<TicketFacts>): void => {
    const ticket = tickets.get(id);
    if (ticket !== undefined) tickets.set(id, { ...ticket, ...next });
  };
  switch (change.type) {
    case "tickets.created":
    case "tickets.imported":
    case "tickets.restored":
      for (const { column, dependsOn, id, key, parentId, rank, version } of change.data.tickets)
        tickets.set(id, { id, key, column, rank, version, parentId, dependsOn, isDeleted: false });
      return;
    case "ticket.edited": {
      const { fields, id, version } = change.data;
      alter(id, { version, ...(fields.parentId === undefined ? {} : { parentId: fields.parentId }) });
      return;
    }
    case "tickets.moved":
      for (const { id, rank, version } of change.data.moves) alter(id, { column: change.data.column, rank, version });
      return;
    case "ticket.linked":
      alter(change.data.id, { dependsOn: change.data.dependsOn });
      return;
    case "ticket.commented":
    case "ticket.attached":
      return;
    case "tickets.deleted":
      for (const id of change.data.ids) alter(id, { isDeleted: true });
      return;
    case "boards.changed": {
      const to = new Map(change.data.relocated.map((each) => [each.from, each.to]));
      if (to.size === 0) return;
      for (const { column, id } of tickets.values()) alter(id, { column: to.get(column) ?? column });
      return;
    }
    case "project.changed":
  }
}
