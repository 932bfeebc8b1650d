import { useSyncExternalStore } from "react";
import type { RunFrame } from "../../../contracts/run-events.ts";
import { emptyRunView, reconnected, reduce, type RunView } from "./reduce.ts";

/** How often a page is brought up to date while the catch-up of a long run comes in, in ms. */
const catchUpEveryMs = 250;

/** Holds one run's view outside React, so that a streamed word renders only what shows it. */
export class RunStore {
  #view: RunView = emptyRunView;
  readonly #listeners = new Set<() => void>();
  #toldAt = -Infinity;
  #telling: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): RunView => this.#view;

  /** Takes in one frame. */
  take(frame: RunFrame): void {
    this.#set(reduce(this.#view, frame));
  }

  /** Notes that a new connection begins. */
  restart(): void {
    this.#set(reconnected(this.#view));
  }

  #set(next: RunView): void {
    if (next === this.#view) return;
    this.#view = next;
    const waitMs = next.caughtUp ? 0 : this.#toldAt + catchUpEveryMs - performance.now();
    if (waitMs <= 0) this.#tell();
    else this.#telling ??= setTimeout(() => this.#tell(), waitMs);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#toldAt = performance.now();
    for (const listener of this.#listeners) listener();
  }
}

/** One part of the run's view; renders again only when that part is another one. */
export function useRunView<T>(store: RunStore, select: (view: RunView) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.read()));
}
