import type { BoardChange, BoardLayout, BoardTicket, TicketRun } from "../../../../contracts/board.ts";
import type { Actor } from "../../../../contracts/actor.ts";
import type { Project, Ticket } from "../../../../contracts/project.ts";

/** A ticket that was deleted while this page had it; `by` is null when the change itself was not seen. */
export interface DeletedTicket {
  readonly ticket: Ticket;
  readonly by: Actor | null;
  readonly atMs: number | null;
}

/** A run's state as a frame brought it, and when, in ms of the page's own clock. */
export interface SeenRun {
  readonly run: TicketRun;
  readonly atMs: number;
}

export type TicketRepository = NonNullable<Ticket["repository"]>;

/** A project with its boards and tickets while changes are taken into them. */
export interface Draft {
  project: Project;
  boards: readonly BoardLayout[];
  readonly tickets: Map<string, Ticket>;
  readonly deleted: Map<string, DeletedTicket>;
  readonly repositories: ReadonlyMap<string, TicketRepository>;
  readonly runs: ReadonlyMap<string, SeenRun>;
  /** By ticket the number of the newest change of its comments or files. */
  readonly partsSeq: Map<string, number>;
  /** Set when a change names something that only a snapshot brings. */
  wantsSnapshot: boolean;
}

/** Of two runs of a ticket the one that counts: the later one, and of one run what was heard last. */
export function newerRun(known: TicketRun | null, heard: TicketRun | null): TicketRun | null {
  if (known === null || heard === null) return heard ?? known;
  return Number(heard.id) >= Number(known.id) ? heard : known;
}

/** Takes one committed change into the draft. A ticket never goes to a lower version. */
export function takeChange(draft: Draft, change: BoardChange): void {
  const alter = (id: string, version: number, next: Partial<Ticket>) => {
    const ticket = draft.tickets.get(id);
    if (ticket === undefined || ticket.version > version) return;
    draft.tickets.set(id, { ...ticket, ...next, version, updatedAtMs: change.atMs });
  };
  /** A change that is no new version of the ticket's fields. */
  const touch = (id: string, next: Partial<Ticket>) => {
    const ticket = draft.tickets.get(id);
    if (ticket !== undefined) draft.tickets.set(id, { ...ticket, ...next });
  };
  switch (change.type) {
    case "tickets.created":
    case "tickets.restored":
      for (const ticket of change.data.tickets) bring(draft, ticket, change.type === "tickets.restored");
      return;
    case "tickets.imported":
      for (const ticket of change.data.tickets) {
        const known = draft.tickets.get(ticket.id);
        if (known === undefined) bring(draft, ticket, false);
        else {
          const { repositoryId, ...rest } = ticket;
          alter(ticket.id, ticket.version, { ...rest, repository: repositoryOf(draft, repositoryId) });
        }
      }
      return;
    case "ticket.edited": {
      const { fields, id, version } = change.data;
      const { repositoryId, ...rest } = fields;
      const given = defined(rest);
      alter(
        id,
        version,
        repositoryId === undefined ? given : { ...given, repository: repositoryOf(draft, repositoryId) },
      );
      return;
    }
    case "tickets.moved":
      for (const { id, rank, version } of change.data.moves) alter(id, version, { column: change.data.column, rank });
      return;
    case "ticket.linked":
      touch(change.data.id, { dependsOn: change.data.dependsOn });
      return;
    case "ticket.commented":
      touch(change.data.id, { commentCount: change.data.commentCount });
      draft.partsSeq.set(change.data.id, change.seq);
      return;
    case "ticket.attached":
      draft.partsSeq.set(change.data.id, change.seq);
      return;
    case "tickets.deleted":
      for (const id of change.data.ids) {
        const ticket = draft.tickets.get(id);
        if (ticket === undefined) continue;
        draft.tickets.delete(id);
        draft.deleted.set(id, { ticket, by: change.actor, atMs: change.atMs });
      }
      return;
    case "boards.changed":
      draft.boards = change.data.boards;
      return;
    case "project.changed":
      draft.project = { ...draft.project, ...defined(change.data.fields) };
  }
}

function bring(draft: Draft, ticket: BoardTicket, restored: boolean): void {
  const known = draft.tickets.get(ticket.id);
  if (known !== undefined && known.version >= ticket.version) return;
  const { repositoryId, ...rest } = ticket;
  const gone = draft.deleted.get(ticket.id);
  draft.deleted.delete(ticket.id);
  // A ticket that was deleted before this page came may have had a run.
  if (restored && gone === undefined) draft.wantsSnapshot = true;
  const run = newerRun(gone?.ticket.run ?? null, draft.runs.get(ticket.id)?.run ?? null);
  draft.tickets.set(ticket.id, { ...rest, repository: repositoryOf(draft, repositoryId), run });
}

/** A repository that the person sees. One that isn't known here may be of another project, or hidden from them: a snapshot tells. */
function repositoryOf(draft: Draft, id: string | null): TicketRepository | null {
  if (id === null) return null;
  const known = draft.repositories.get(id);
  if (known === undefined) draft.wantsSnapshot = true;
  return known ?? null;
}

/** The fields that have a value. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
