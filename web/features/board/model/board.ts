import type {
  Board,
  BoardChange,
  BoardFrame,
  BoardLayout,
  BoardPresence,
  TicketRun,
} from "../../../../contracts/board.ts";
import type { Project, Ticket } from "../../../../contracts/project.ts";
import {
  newerRun,
  takeChange,
  type DeletedTicket,
  type Draft,
  type SeenRun,
  type TicketRepository,
} from "./changes.ts";
import { byRank } from "./order.ts";
import { isHeld, laidOver, type Answer, type Columns, type NewWrite, type OwnWrite } from "./own-writes.ts";

/** A project's board as one page has seen it: the server's tickets at one change, and this page's own writes on their way. */
export interface BoardModel {
  readonly project: Project;
  readonly boards: readonly BoardLayout[];
  /** Number of the newest change that `tickets` hold; a new connection asks for what comes after it. */
  readonly headSeq: number;
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly deleted: ReadonlyMap<string, DeletedTicket>;
  readonly repositories: ReadonlyMap<string, TicketRepository>;
  readonly runs: ReadonlyMap<string, SeenRun>;
  /** By ticket the number of the newest change of its comments or files that came since the page has the board. */
  readonly partsSeq: ReadonlyMap<string, number>;
  readonly people: readonly BoardPresence[];
  /** The number from which the newest connection began. */
  readonly since: number;
  /** The number that an awaited snapshot has at least; null while none is awaited. */
  readonly awaited: number | null;
  /** Changes that came behind a hole while a snapshot is awaited. */
  readonly later: readonly BoardChange[];
  /** True when the changes since the last connection had a hole: connect again from `headSeq`. */
  readonly gap: boolean;
  /** Grows by one with each thing that only a snapshot brings. */
  readonly wanted: number;
  readonly writes: readonly OwnWrite[];
  readonly lastToken: number;
}

const ticketsOf = (board: Board): ReadonlyMap<string, Ticket> =>
  new Map(board.tickets.map((ticket) => [ticket.id, ticket]));

function repositoriesOf(
  known: ReadonlyMap<string, TicketRepository>,
  project: Project,
  tickets: ReadonlyMap<string, Ticket>,
): ReadonlyMap<string, TicketRepository> {
  const all = new Map(known);
  for (const { id, name, owner } of project.repositories) all.set(id, { id, owner, name });
  for (const { repository } of tickets.values()) if (repository !== null) all.set(repository.id, repository);
  return all;
}

/** The board as its first snapshot shows it. */
export function boardOf(board: Board): BoardModel {
  const tickets = ticketsOf(board);
  return {
    project: board.project,
    boards: board.boards,
    headSeq: board.headSeq,
    since: board.headSeq,
    tickets,
    deleted: new Map(),
    repositories: repositoriesOf(new Map(), board.project, tickets),
    runs: new Map(),
    partsSeq: new Map(),
    people: [],
    awaited: null,
    later: [],
    gap: false,
    wanted: 0,
    writes: [],
    lastToken: 0,
  };
}

/**
 * The board with a newer snapshot, which was asked for at `askedAtMs` of the page's clock. One that is older than the board is left out;
 * runs that were heard of since it was asked for stay.
 */
export function addSnapshot(model: BoardModel, board: Board, askedAtMs: number): BoardModel {
  if (board.headSeq < model.headSeq) return model;
  const tickets = new Map(ticketsOf(board));
  const runs = new Map([...model.runs].filter(([, { atMs }]) => atMs >= askedAtMs));
  for (const [id, { run }] of runs) withRun(tickets, id, run);
  const deleted = new Map(model.deleted);
  for (const [id, ticket] of model.tickets) if (!tickets.has(id)) deleted.set(id, { ticket, by: null, atMs: null });
  for (const id of tickets.keys()) deleted.delete(id);
  const next: BoardModel = {
    ...model,
    project: board.project,
    boards: board.boards,
    headSeq: board.headSeq,
    tickets,
    deleted,
    repositories: repositoriesOf(model.repositories, board.project, tickets),
    runs,
    partsSeq: partsAfter(model, board),
    awaited: model.awaited !== null && board.headSeq < model.awaited ? model.awaited : null,
    later: [],
  };
  return settle(addChanges(next, model.later));
}

/** A snapshot that brings the board further does not tell which comments and files changed: those of every ticket may have. */
function partsAfter(model: BoardModel, board: Board): BoardModel["partsSeq"] {
  if (board.headSeq === model.headSeq && model.awaited === null) return model.partsSeq;
  return new Map(board.tickets.map(({ id }) => [id, board.headSeq]));
}

/** The board after one more frame, which came at `atMs` of the page's clock. */
export function addFrame(model: BoardModel, frame: BoardFrame, atMs: number): BoardModel {
  switch (frame.t) {
    case "changes":
      return settle(addChanges(model, frame.changes));
    case "reload":
      return reloaded(model, frame.headSeq);
    case "run": {
      const { run, ticketId } = frame;
      const tickets = new Map(model.tickets);
      withRun(tickets, ticketId, run);
      return { ...model, tickets, runs: new Map(model.runs).set(ticketId, { run, atMs }) };
    }
    case "presence":
      return { ...model, people: frame.people };
    case "live":
      // The catch-up ends here: without its last change it had a hole.
      return model.awaited === null && model.headSeq < frame.headSeq ? { ...model, gap: true } : model;
  }
}

/** The board at the start of a new connection. */
export function reconnected(model: BoardModel): BoardModel {
  return { ...model, since: model.headSeq, gap: false, awaited: null, later: [], people: [] };
}

/** The board with a write of this page laid over it. */
export function addWrite(model: BoardModel, write: NewWrite): { readonly model: BoardModel; readonly token: number } {
  const token = model.lastToken + 1;
  return { token, model: { ...model, lastToken: token, writes: [...model.writes, { ...write, token, answer: null }] } };
}

/** The board after the server has done a write; it is shown until its change arrives. */
export function answerWrite(model: BoardModel, token: number, answer: Answer): BoardModel {
  return settle({
    ...model,
    writes: model.writes.map((write) => (write.token === token ? { ...write, answer } : write)),
  });
}

/** The board without a write that the server refused. */
export function dropWrite(model: BoardModel, token: number): BoardModel {
  return { ...model, writes: model.writes.filter((write) => write.token !== token) };
}

/** The columns of all boards in the server's order, with this page's own writes laid over them. */
export function shownColumns(model: BoardModel): Columns {
  const sorted = [...model.tickets.values()].toSorted(byRank);
  const columns = new Map<string, Ticket[]>(
    model.boards.flatMap((board) => board.columns).map((column) => [column.id, []]),
  );
  for (const ticket of sorted) columns.get(ticket.column)?.push(ticket);
  return laidOver(columns, model.writes);
}

/** A board below the number from which this connection began was set back: its snapshot counts although it is lower. */
function reloaded(model: BoardModel, headSeq: number): BoardModel {
  const wasSetBack = headSeq < model.since;
  if (!wasSetBack && model.headSeq >= headSeq) return model;
  const wanted = model.wanted + 1;
  return { ...model, headSeq: wasSetBack ? headSeq : model.headSeq, awaited: headSeq, wanted };
}

function withRun(tickets: Map<string, Ticket>, id: string, heard: TicketRun): void {
  const ticket = tickets.get(id);
  if (ticket !== undefined) tickets.set(id, { ...ticket, run: newerRun(ticket.run, heard) });
}

function addChanges(model: BoardModel, changes: readonly BoardChange[]): BoardModel {
  const draft: Draft = {
    tickets: new Map(model.tickets),
    deleted: new Map(model.deleted),
    repositories: model.repositories,
    runs: model.runs,
    partsSeq: new Map(model.partsSeq),
    wantsSnapshot: false,
    project: model.project,
    boards: model.boards,
  };
  const later: BoardChange[] = [];
  let { gap, headSeq } = model;
  for (const change of changes) {
    if (gap) break;
    if (change.seq <= headSeq) continue;
    if (change.seq === headSeq + 1) {
      headSeq = change.seq;
      takeChange(draft, change);
    } else if (model.awaited === null) gap = true;
    else later.push(change);
  }
  const wanted = model.wanted + (draft.wantsSnapshot ? 1 : 0);
  const { boards, deleted, partsSeq, project, tickets } = draft;
  return {
    ...model,
    project,
    boards,
    headSeq,
    tickets,
    deleted,
    partsSeq,
    gap,
    wanted,
    later: [...model.later, ...later],
  };
}

function settle(model: BoardModel): BoardModel {
  const writes = model.writes.filter((write) => !isHeld(write, model.headSeq, model.tickets));
  return writes.length === model.writes.length ? model : { ...model, writes };
}
