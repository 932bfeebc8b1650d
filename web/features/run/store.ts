import { useMemo, useSyncExternalStore } from "react";
import type { RunFrame } from "../../../contracts/run-events.ts";
import type { Run } from "../../../contracts/run.ts";
import { historyOf } from "./model/history.ts";
import { lanesOf } from "./model/lanes.ts";
import type { RunNow } from "./model/now.ts";
import { emptyRunPage, reconnected, reduce, type RunPage } from "./reduce.ts";

/** The interval between updates of a page while the catch-up of a long run arrives, in ms. */
const catchUpEveryMs = 250;

/** Holds one run's page outside React, so that a streamed word renders only what shows it. */
export class RunStore {
  #page: RunPage = emptyRunPage;
  readonly #listeners = new Set<() => void>();
  #notifiedAt = -Infinity;
  #notifying: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): RunPage => this.#page;

  /** Adds one frame. */
  add(frame: RunFrame): void {
    this.#set(reduce(this.#page, frame));
  }

  /** Notes that a new connection begins. */
  restart(): void {
    this.#set(reconnected(this.#page));
  }

  #set(next: RunPage): void {
    if (next === this.#page) return;
    this.#page = next;
    const waitMs = next.caughtUp ? 0 : this.#notifiedAt + catchUpEveryMs - performance.now();
    if (waitMs <= 0) this.#notify();
    else this.#notifying ??= setTimeout(() => this.#notify(), waitMs);
  }

  #notify(): void {
    clearTimeout(this.#notifying);
    this.#notifying = undefined;
    this.#notifiedAt = performance.now();
    for (const listener of this.#listeners) listener();
  }
}

/** One part of the run's page; renders again only when that part is another one. */
export function useRunPage<T>(store: RunStore, select: (page: RunPage) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.read()));
}

/** The run as panels show it; the same object until an event changes it. */
export function useRunNow(run: Run, store: RunStore): RunNow {
  const view = useRunPage(store, (page) => page.view);
  const log = useRunPage(store, (page) => page.log);
  const history = useMemo(() => historyOf(log), [log]);
  return useMemo(() => {
    const state = view.created === undefined ? run.state : view.state;
    return { state, view, history, lanes: lanesOf(view, history) };
  }, [run, view, history]);
}
