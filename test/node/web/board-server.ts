import type { Board, BoardChange, BoardFrame, BoardLayout, BoardTicket } from "../../../contracts/board.ts";
import type { Project } from "../../../contracts/project.ts";
import { defaultColumns } from "../../../domain/board/columns.ts";
import type { BoardFacts } from "../../../domain/board/facts.ts";
import { byRank, takeChange } from "../../../domain/board/facts.ts";
import { linked, refuseLink } from "../../../domain/board/dependencies.ts";
import { decideLayout } from "../../../domain/board/layout.ts";
import { decideMove, ranksAtEnd } from "../../../domain/board/moves.ts";

export const remy = { kind: "person", id: "9", name: "Remy", avatarUrl: null } as const;
export const sampleProject: Project = {
  id: "1",
  key: "LIME",
  name: "Lime",
  description: "",
  createdAtMs: 0,
  archivedAtMs: null,
  hasHadTickets: false,
  repositories: [],
  hiddenRepositoryCount: 0,
};

/** A board's server in memory: it decides by the domain, numbers its changes, and gives snapshots and frames as the API does. */
export class BoardServer {
  readonly changes: BoardChange[] = [];
  readonly #tickets = new Map<string, BoardTicket & { isDeleted: boolean }>();
  #boards: BoardLayout[] = [{ id: "1", name: "Board", columns: defaultColumns() }];
  #lastId = 0;

  create(column: string): string {
    const [rank = ""] = ranksAtEnd(this.#facts(), column, 1);
    const id = String((this.#lastId += 1));
    const ticket: BoardTicket = {
      ...{ id, projectId: "1", key: `LIME-${id}`, type: "task", title: `Ticket ${id}`, description: "" },
      ...{ acceptanceCriteria: "", column, priority: "none", labels: [], assignee: null, repositoryId: null },
      ...{ parentId: null, dependsOn: [], commentCount: 0, rank, version: 1, createdAtMs: 0, updatedAtMs: 0 },
    };
    this.#commit({ type: "tickets.created", data: { tickets: [ticket] } });
    return id;
  }

  move(ticketIds: readonly string[], column: string, before: string | null): number | undefined {
    const decided = decideMove(this.#facts(), { ticketIds: [...ticketIds], column, before });
    if (!decided.ok) return undefined;
    if (decided.moved !== undefined) this.#commit({ type: "tickets.moved", data: decided.moved });
    return this.headSeq;
  }

  edit(id: string, title: string): number | undefined {
    const ticket = this.#tickets.get(id);
    if (ticket === undefined || ticket.isDeleted) return undefined;
    const version = ticket.version + 1;
    this.#commit({ type: "ticket.edited", data: { id, version, fields: { title } } });
    return version;
  }

  link(kind: "link" | "unlink", id: string, other: string): number | undefined {
    if (refuseLink(this.#facts(), id, other, kind) !== undefined) return undefined;
    const dependsOn = linked(this.#facts(), id, other, kind);
    if (dependsOn !== undefined) this.#commit({ type: "ticket.linked", data: { id, dependsOn: [...dependsOn] } });
    return this.headSeq;
  }

  moveColumn(columnId: string, after: string | null): number | undefined {
    const decided = decideLayout(this.#facts(), { do: "column_changed", columnId, edit: { after } });
    if (!decided.ok) return undefined;
    if (decided.layout !== undefined) this.#commit({ type: "boards.changed", data: decided.layout });
    return this.headSeq;
  }

  delete(id: string): number | undefined {
    const ticket = this.#tickets.get(id);
    if (ticket === undefined) return undefined;
    if (!ticket.isDeleted) this.#commit({ type: "tickets.deleted", data: { ids: [id] } });
    return this.headSeq;
  }

  restore(id: string): void {
    const ticket = this.#tickets.get(id);
    if (ticket?.isDeleted !== true) return;
    const { isDeleted: _, ...rest } = ticket;
    this.#commit({ type: "tickets.restored", data: { tickets: [rest] } });
  }

  get headSeq(): number {
    return this.changes.length;
  }

  snapshot(): Board {
    const shown = [...this.#tickets.values()].filter(({ isDeleted }) => !isDeleted).toSorted(byRank);
    const tickets = shown.map(({ isDeleted: _, repositoryId: __, ...rest }) => ({
      ...rest,
      repository: null,
      run: null,
    }));
    return { project: sampleProject, headSeq: this.headSeq, boards: this.#boards, tickets };
  }

  /** The frames of a new socket; `longest` is how many changes may be sent before a reload is asked for instead. */
  catchUp(since: number, longest: number): readonly BoardFrame[] {
    const { headSeq } = this;
    const missing = this.changes.slice(since);
    const past: readonly BoardFrame[] =
      missing.length > longest || since > headSeq
        ? [{ t: "reload", headSeq }]
        : missing.map((change) => ({ t: "changes", changes: [change] }));
    return [...past, { t: "live", headSeq }];
  }

  #facts(): BoardFacts {
    return { headSeq: this.headSeq, boards: this.#boards, tickets: this.#tickets };
  }

  #commit(made: DistributiveOmit<BoardChange, "seq" | "atMs" | "actor">): void {
    const seq = this.headSeq + 1;
    const change: BoardChange = { ...made, seq, atMs: seq, actor: remy };
    const facts = new Map([...this.#tickets].map(([id, ticket]) => [id, { ...ticket }]));
    takeChange(facts, change);
    if (change.type === "tickets.created" || change.type === "tickets.restored")
      for (const ticket of change.data.tickets) this.#tickets.set(ticket.id, { ...ticket, isDeleted: false });
    for (const [id, { column, dependsOn, isDeleted, rank, version }] of facts) {
      const ticket = this.#tickets.get(id);
      if (ticket === undefined) continue;
      const changed =
        ticket.version !== version ||
        (change.type === "tickets.moved" && change.data.moves.some((move) => move.id === id));
      const title = change.type === "ticket.edited" && change.data.id === id ? change.data.fields.title : undefined;
      const next = {
        ...ticket,
        column,
        isDeleted,
        rank,
        version,
        dependsOn: [...dependsOn],
        title: title ?? ticket.title,
      };
      this.#tickets.set(id, changed ? { ...next, updatedAtMs: change.atMs } : next);
    }
    if (change.type === "boards.changed") this.#boards = change.data.boards;
    this.changes.push(change);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
