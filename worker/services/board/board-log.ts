import type { BoardChange } from "../../../contracts/board.ts";
import { takeChange, type BoardFacts, type TicketFacts } from "../../../domain/board/facts.ts";
import type { Database } from "../../db/client.ts";
import { parseDependencies } from "../../db/stores/board-read.ts";
import { isNumberTaken, listBoardChanges, readBoardFacts } from "../../db/stores/board-write.ts";
import type { BoardCommand, BoardPlace, BoardResult } from "../../ports/board-host.ts";
import type { Caller } from "../../ports/run-host.ts";
import type { BoardState } from "./board-commit.ts";
import { planWrite } from "./plan-write.ts";

/** The collaborators of a board's log. */
export interface BoardLogDeps {
  readonly db: Database;
  readonly nowMs: () => number;
  /** Called with each committed change, in order: once for each number. */
  readonly publish: (changes: readonly BoardChange[]) => void;
}

/** A client that is further behind than this many changes, or than changes of so many characters, reads the board anew. */
const longestTail = 500;
const heaviestTail = 2_000_000;
/** All but an import's changes are small: about so many characters. */
const usualCharacters = 500;
/** Another object of the same project can hold the number only while this one is being replaced. */
const mostTries = 4;

/**
 * The one writer of a project's tickets. Writes are done one after the other: each is decided by the facts of all tickets, committed to
 * D1 together with its numbered change, and then published, so commits and broadcasts have one order. The number is a primary key:
 * an object that was replaced, and decides by old facts, can't commit.
 */
export class BoardLog {
  readonly #deps: BoardLogDeps;
  readonly #place: BoardPlace;
  #state: (BoardState & { readonly tickets: Map<string, TicketFacts> }) | undefined;
  /** The newest change that was published, or that there was when this process began. */
  #publishedSeq: number | undefined;
  #tail: BoardChange[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(place: BoardPlace, deps: BoardLogDeps) {
    this.#place = place;
    this.#deps = deps;
  }

  /** Does one write after those that were asked before. Throws whatever the database throws; the next write reads the facts anew. */
  async write(caller: Caller, command: BoardCommand): Promise<BoardResult> {
    return this.#inTurn(() => this.#write(caller, command));
  }

  /**
   * The changes after `since`, and the number of the newest; `changes` is undefined where they are too many, or were pruned, or `since` is
   * ahead of the board. Undefined without the project.
   */
  async since(
    since: number,
  ): Promise<{ readonly headSeq: number; readonly changes: readonly BoardChange[] | undefined } | undefined> {
    return this.#inTurn(async () => {
      const state = await this.#load();
      if (state === undefined) return undefined;
      const { headSeq } = state;
      const missing = headSeq - since;
      if (missing < 0 || missing > longestTail) return { headSeq, changes: undefined };
      const known = this.#tail.filter(({ seq }) => seq > since);
      const changes = known.length === missing ? known : await this.#read(since, heaviestTail);
      return { headSeq, changes: changes.length === missing ? changes : undefined };
    });
  }

  /** The board as its next write will be decided by it; undefined without the project. Throws whatever the database throws. */
  async facts(): Promise<BoardFacts | undefined> {
    return this.#inTurn(() => this.#load());
  }

  /** Whether the tenant has the project. */
  async exists(): Promise<boolean> {
    return this.#inTurn(async () => (await this.#load()) !== undefined);
  }

  /** The number of the newest change that this process knows; undefined before it has read the board. */
  headSeq(): number | undefined {
    return this.#state?.headSeq;
  }

  /** The changes after a number that were published by this process. */
  publishedAfter(seq: number): readonly BoardChange[] {
    return this.#tail.filter((change) => change.seq > seq);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #write(caller: Caller, command: BoardCommand): Promise<BoardResult> {
    for (let attempt = 1; ; attempt += 1) {
      const state = await this.#load();
      if (state === undefined) return { ok: false, code: "not_found", detail: "There is no such project." };
      const atMs = this.#deps.nowMs();
      const planned = await planWrite(this.#deps.db, this.#place, state, { caller, command, atMs });
      if (!planned.ok) return planned;
      const lines = planned.lines === undefined ? {} : { lines: planned.lines };
      if (planned.commit === undefined)
        return { ok: true, headSeq: state.headSeq, ticketIds: planned.ticketIds, ...lines };
      try {
        const { changes, nextNumber, ticketIds } = await planned.commit();
        this.#take(changes, nextNumber);
        return { ok: true, headSeq: changes.at(-1)?.seq ?? state.headSeq, ticketIds, ...lines };
      } catch (error) {
        // The write may be stored although its reply was lost: the facts are read again, and so are changes that were not published.
        this.#state = undefined;
        const refusal = planned.refusalOf?.(error);
        if (refusal !== undefined) return refusal;
        if (planned.isRepeat(error)) return { ok: true, headSeq: (await this.#load())?.headSeq ?? 0, ticketIds: [] };
        if (!isNumberTaken(error) || attempt === mostTries) throw error;
      }
    }
  }

  async #load(): Promise<BoardState | undefined> {
    if (this.#state !== undefined) return this.#state;
    const read = await readBoardFacts(this.#deps.db, this.#place);
    if (read === undefined) return undefined;
    const tickets = new Map(
      read.tickets.map(({ deletedAtMs, dependsOn, id, number, parentId, ...facts }) => [
        String(id),
        {
          ...facts,
          id: String(id),
          key: `${read.key}-${number}`,
          dependsOn: parseDependencies(dependsOn),
          parentId: parentId === null ? null : String(parentId),
          isDeleted: deletedAtMs !== null,
        },
      ]),
    );
    const published = this.#publishedSeq ?? read.headSeq;
    if (published < read.headSeq) this.#announce(await this.#read(published, Number.MAX_SAFE_INTEGER));
    this.#publishedSeq = read.headSeq;
    this.#state = { ...read, tickets };
    return this.#state;
  }

  async #read(since: number, characters: number): Promise<readonly BoardChange[]> {
    const rows = await listBoardChanges(this.#deps.db, this.#place, since, { limit: longestTail, characters });
    return rows.map(({ change }) => JSON.parse(change) as BoardChange);
  }

  #take(changes: readonly BoardChange[], nextNumber: number): void {
    for (const change of changes) {
      if (this.#state === undefined) return;
      takeChange(this.#state.tickets, change);
      this.#state = { ...this.#state, ...changedFacts(change), headSeq: change.seq, nextNumber };
      this.#publishedSeq = change.seq;
    }
    this.#announce(changes);
  }

  #announce(changes: readonly BoardChange[]): void {
    this.#tail = newest([...this.#tail, ...changes], changes.length);
    this.#deps.publish(changes);
  }
}

/** The newest changes that a tail holds: at least the `least` last ones. */
function newest(changes: readonly BoardChange[], least: number): BoardChange[] {
  let kept = 0;
  let characters = 0;
  for (const change of changes.toReversed()) {
    characters += charactersOf(change);
    if (kept >= least && (kept >= longestTail || characters > heaviestTail)) break;
    kept += 1;
  }
  return changes.slice(changes.length - kept);
}

function charactersOf(change: BoardChange): number {
  if (change.type !== "tickets.imported") return usualCharacters;
  return change.data.tickets.reduce(
    (sum, { acceptanceCriteria, description, title }) =>
      sum + usualCharacters + title.length + description.length + acceptanceCriteria.length,
    0,
  );
}

/** The facts beside the tickets that a change sets. */
function changedFacts(change: BoardChange): Partial<Pick<BoardState, "boards" | "isArchived" | "key">> {
  if (change.type === "boards.changed") return { boards: change.data.boards };
  if (change.type !== "project.changed") return {};
  const { archivedAtMs, key } = change.data.fields;
  return {
    ...(key === undefined ? {} : { key }),
    ...(archivedAtMs === undefined ? {} : { isArchived: archivedAtMs !== null }),
  };
}
