import { useSyncExternalStore } from "react";
import type { Board, BoardColumn, BoardFrame, BoardLayout } from "../../../contracts/board.ts";
import type { Ticket } from "../../../contracts/project.ts";
import {
  addFrame,
  addSnapshot,
  addWrite,
  answerWrite,
  boardOf,
  dropWrite,
  reconnected,
  shownColumns,
  type BoardModel,
} from "./model/board.ts";
import { withMovedColumns } from "./model/column-order.ts";
import { sameList } from "./model/order.ts";
import type { Answer, Columns, NewWrite } from "./model/own-writes.ts";

/** A board with its columns as they are shown. A column's list is the same object until one of its tickets changes. */
export interface ShownBoard {
  readonly model: BoardModel;
  /** The boards with the columns where this page has put them. */
  readonly boards: readonly BoardLayout[];
  readonly columns: Columns;
  /** The columns of all boards, left to right, by their ids. */
  readonly columnsById: ReadonlyMap<string, BoardColumn>;
  /** Every shown ticket by its id. */
  readonly tickets: ReadonlyMap<string, Ticket>;
}

function show(model: BoardModel, before?: ShownBoard): ShownBoard {
  if (
    before !== undefined &&
    before.model.tickets === model.tickets &&
    before.model.boards === model.boards &&
    before.model.writes === model.writes
  )
    return { ...before, model };
  const next = shownColumns(model);
  const columns: Columns = new Map(
    [...next].map(([column, tickets]) => {
      const old = before?.columns.get(column);
      return [column, old !== undefined && sameList(old, tickets) ? old : tickets];
    }),
  );
  const boards = withMovedColumns(model.boards, model.writes);
  const columnsById =
    before?.boards === boards
      ? before.columnsById
      : new Map(boards.flatMap((board) => board.columns).map((column) => [column.id, column]));
  return {
    model,
    boards,
    columns,
    columnsById,
    tickets: new Map([...columns.values()].flat().map((ticket) => [ticket.id, ticket])),
  };
}

/** Holds one board outside React. */
export class BoardStore {
  #shown: ShownBoard;
  readonly #listeners = new Set<() => void>();

  constructor(board: Board) {
    this.#shown = show(boardOf(board));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): ShownBoard => this.#shown;

  /** A column's name. */
  readonly nameOf = (column: string): string => this.#shown.columnsById.get(column)?.name ?? "a removed column";

  addSnapshot(board: Board, askedAtMs: number): void {
    this.#set(addSnapshot(this.#shown.model, board, askedAtMs));
  }

  addFrame(frame: BoardFrame): void {
    this.#set(addFrame(this.#shown.model, frame, performance.now()));
  }

  /** Notes that a new connection begins. */
  restart(): void {
    this.#set(reconnected(this.#shown.model));
  }

  /** Shows a write of this page at once. Returns the token that its answer names. */
  begin(write: NewWrite): number {
    const { model, token } = addWrite(this.#shown.model, write);
    this.#set(model);
    return token;
  }

  /** Notes the server's answer to a write; null for a refusal, which takes it back. */
  end(token: number, answer: Answer | null): void {
    const { model } = this.#shown;
    this.#set(answer === null ? dropWrite(model, token) : answerWrite(model, token, answer));
  }

  #set(model: BoardModel): void {
    if (model === this.#shown.model) return;
    this.#shown = show(model, this.#shown);
    for (const listener of this.#listeners) listener();
  }
}

/** One part of the board; renders again only when that part is another one. */
export function useBoard<T>(store: BoardStore, select: (board: ShownBoard) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.read()));
}
