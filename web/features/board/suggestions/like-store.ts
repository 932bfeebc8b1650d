import { SimilarTitles } from "../../../../domain/board/similar-titles.ts";
import type { BoardStore } from "../store.ts";

/** So many new titles are compared at a time, so that the page answers in between. */
const titlesAtOnce = 50;

/** Follows a board, when the page has nothing else to do, and knows which tickets look like earlier ones. */
export class LikeStore {
  readonly #board: BoardStore;
  readonly #similar = new SimilarTitles();
  readonly #listeners = new Set<() => void>();
  /** The tickets that were taken in so far, while the board is read for the first time. */
  #taken = 0;
  #cancel: (() => void) | null = null;
  #seen: unknown = null;

  constructor(board: BoardStore) {
    this.#board = board;
  }

  /** Begins to follow the board. Returns a function that ends it. */
  start(): () => void {
    const stop = this.#board.subscribe(() => this.#plan());
    this.#plan();
    return () => {
      stop();
      this.#cancel?.();
      this.#cancel = null;
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The id of the ticket that this one looks like, or null. */
  likeOf(id: string): string | null {
    return this.#similar.likeOf(id)?.id ?? null;
  }

  #plan(): void {
    if (this.#cancel !== null || this.#board.read().tickets === this.#seen) return;
    this.#cancel = whenIdle(() => {
      this.#cancel = null;
      this.#work();
    });
  }

  #work(): void {
    const { tickets } = this.#board.read();
    const isFirst = this.#taken < tickets.size && this.#seen === null;
    if (isFirst) this.#taken += titlesAtOnce;
    const all = [...tickets.values()];
    const told = this.#similar.update(
      isFirst ? all.toSorted((a, b) => Number(a.id) - Number(b.id)).slice(0, this.#taken) : all,
    );
    if (!isFirst || this.#taken >= tickets.size) this.#seen = tickets;
    if (told.length > 0) for (const listener of this.#listeners) listener();
    this.#plan();
  }
}

function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === "function") {
    const id = requestIdleCallback(work, { timeout: 2_000 });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(work, 50);
  return () => clearTimeout(id);
}
