import type { RunEffect } from "../../contracts/effect.ts";
import type { EffectData, EffectKind, EffectOf } from "../../domain/run/effects.ts";
import { afterFailure, drain, laneOf, nextDue, supersededBy } from "../../domain/run/outbox.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { EngineDeps } from "../../worker/services/run/engine/deps.ts";
import type { OutboxStore, StoredEffect } from "./outbox-store.ts";

/** The handler of each kind of effect. A handler may be called again for the same key, so it must do its work once. */
export type EffectHandlers = {
  readonly [K in EffectKind]: (data: EffectData[K], key: string) => Promise<void>;
};

/** An effect that has not answered by then counts as failed, and is tried again. */
const timeoutMs = 30_000;

/** Does the effects of a run: lanes side by side, each lane in order. Never throws: what fails is tried again later. */
export class Outbox {
  readonly #store: OutboxStore;
  readonly #handlers: EffectHandlers;
  readonly #deps: Pick<EngineDeps, "nowMs" | "random" | "log">;
  readonly #runId: () => string;
  readonly #busy = new Map<string, Promise<void>>();

  constructor(parts: {
    readonly store: OutboxStore;
    readonly handlers: EffectHandlers;
    readonly deps: Pick<EngineDeps, "nowMs" | "random" | "log">;
    readonly runId: () => string;
  }) {
    this.#store = parts.store;
    this.#handlers = parts.handlers;
    this.#deps = parts.deps;
    this.#runId = parts.runId;
  }

  /** When the next effect is due, in UTC milliseconds; undefined when none waits. Effects that are being done don't count. */
  nextDue(): number | undefined {
    const rows = this.#store.rows().filter((row) => !this.#busy.has(laneOf(row)));
    return nextDue(rows, this.#deps.nowMs());
  }

  /** Does what is due of these kinds, and returns when it is done or has failed. */
  async drain(includes: (kind: EffectKind) => boolean): Promise<void> {
    const due = drain(this.#store.rows(), this.#deps.nowMs()).filter(({ kind }) => includes(kind));
    await Promise.all(due.map(async (row) => this.#enter(laneOf(row))));
  }

  /** The effects that are pending or parked, oldest first. */
  shown(): readonly RunEffect[] {
    return this.#store.rows().map(({ atMs, dueMs, error, id, kind, parked, tries }) => ({
      id: String(id),
      kind,
      status: parked ? "parked" : "pending",
      tries,
      lastError: error,
      atMs,
      nextTryAtMs: parked || dueMs === 0 ? null : dueMs,
    }));
  }

  async #enter(lane: string): Promise<void> {
    const before = this.#busy.get(lane) ?? Promise.resolve();
    const mine = before.then(async () => this.#work(lane));
    this.#busy.set(lane, mine);
    try {
      await mine;
    } finally {
      if (this.#busy.get(lane) === mine) this.#busy.delete(lane);
    }
  }

  async #work(lane: string): Promise<void> {
    for (;;) {
      const rows = this.#store.rows();
      const row = drain(rows, this.#deps.nowMs()).find((candidate) => laneOf(candidate) === lane);
      if (row === undefined || !(await this.#try(row, supersededBy(rows, row)))) return;
    }
  }

  /** True when the lane continues: the effect is done, or parked and no longer blocks it. */
  async #try(row: StoredEffect, superseded: readonly number[]): Promise<boolean> {
    const key = `run:${this.#runId()}:${row.key}`;
    try {
      const work = handle(this.#handlers, row.effect, key);
      // A settlement that arrives late would release the reservation of the next call: it is waited for.
      await (row.kind === "spending" ? work : withTimeout(work));
      this.#store.remove([row.id, ...superseded]);
      return true;
    } catch (error) {
      const { log, nowMs, random } = this.#deps;
      const failed = afterFailure(row, nowMs(), random(), error instanceof PortError ? error.retryAfterMs : undefined);
      this.#store.remove(superseded);
      this.#store.failed(failed, plainError(row.kind, error));
      log(failed.parked ? "error" : "warn", failed.parked ? "effect parked" : "effect failed", {
        runId: this.#runId(),
        effect: row.key,
        tries: failed.tries,
        detail: String(error),
      });
      return failed.parked;
    }
  }
}

async function handle<K extends EffectKind>(handlers: EffectHandlers, effect: EffectOf<K>, key: string): Promise<void> {
  await handlers[effect.kind](effect.data, key);
}

async function withTimeout(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new EffectTimeout()), timeoutMs);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

class EffectTimeout extends Error {
  override readonly name = "EffectTimeout";
}

/** The failure for a person. The operator's log has the rest: an error's own text may hold what people must not see. */
function plainError(kind: EffectKind, error: unknown): string {
  const other = kind === "wake_parent" ? "The run that started this one" : "The database";
  return error instanceof EffectTimeout
    ? `${other} did not answer within ${timeoutMs / 1000} seconds.`
    : `${other} could not be reached or refused. The operator's log has the details under this run's number.`;
}
