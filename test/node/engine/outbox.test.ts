import { beforeEach, describe, expect, it } from "vitest";
import type { Effect, EffectKind } from "../../../domain/run/effects.ts";
import { maxEffectTries } from "../../../domain/run/outbox.ts";
import { Outbox, type EffectHandlers } from "../../../durable-objects/run/outbox.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import type { Database } from "../../../worker/db/client.ts";
import type { Caller, RunCommand } from "../../../worker/ports/run-host.ts";
import { createRunEffects } from "../../../worker/services/run/run-effects.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

let store: RunStore;
let outbox: Outbox;
let nowMs: number;
let calls: string[];
/** Keys of effects that fail. */
let failing: Set<string>;
/** Effects wait for this before they end. */
let gate: Promise<void>;

const handler =
  (kind: EffectKind) =>
  async (_data: unknown, key: string): Promise<void> => {
    calls.push(`${kind} ${key}`);
    await gate;
    if (failing.has(key)) throw new Error("SECRET detail");
  };

beforeEach(() => {
  nowMs = 1_000;
  calls = [];
  failing = new Set();
  gate = Promise.resolve();
  store = new RunStore(createSqlStorage().sql);
  const handlers: EffectHandlers = {
    projection: handler("projection"),
    audit: handler("audit"),
    ticket_move: handler("ticket_move"),
    ticket_run: handler("ticket_run"),
    notice: handler("notice"),
    wake_parent: handler("wake_parent"),
    spending: handler("spending"),
  };
  const deps = { nowMs: () => nowMs, random: () => 0, log: () => undefined };
  outbox = new Outbox({ store: store.outbox, handlers, deps, runId: () => "7" });
});

const wake = (seq: number): void => {
  const effect: Effect = { kind: "wake_parent", entity: "9", data: { runId: "9" } };
  store.outbox.add(`${seq}:wake_parent`, effect, nowMs);
};
const project = (seq: number): void =>
  store.outbox.add(`${seq}:projection`, { kind: "projection", entity: "run", data: {} }, nowMs);
const everything = (): boolean => true;

describe("the outbox of a run", () => {
  it("does the effects of a lane in order, each under the key of its run, event and kind", async () => {
    wake(1);
    wake(2);
    await outbox.drain(everything);
    expect(calls).toEqual(["wake_parent run:7:1:wake_parent", "wake_parent run:7:2:wake_parent"]);
    expect(outbox.shown()).toEqual([]);
    expect(outbox.nextDue()).toBeUndefined();
  });

  it("does many projections as one, and one more when an event came while it was done", async () => {
    for (let seq = 1; seq <= 5; seq += 1) project(seq);
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const first = outbox.drain(everything);
    await Promise.resolve();
    project(6);
    project(7);
    const second = outbox.drain(everything);
    resolve();
    await Promise.all([first, second]);
    expect(calls).toEqual(["projection run:7:5:projection", "projection run:7:7:projection"]);
    expect(outbox.shown()).toEqual([]);
  });

  it("takes one effect once when it is drained twice at a time", async () => {
    wake(1);
    await Promise.all([outbox.drain(everything), outbox.drain(everything)]);
    expect(calls).toHaveLength(1);
  });

  it("keeps a failed effect with its tries and a plain error, and continues with the other lanes", async () => {
    failing.add("run:7:1:wake_parent");
    wake(1);
    wake(2);
    project(3);
    await outbox.drain(everything);
    expect(calls).toEqual(["wake_parent run:7:1:wake_parent", "projection run:7:3:projection"]);
    const [first] = outbox.shown();
    expect(first).toMatchObject({ status: "pending", tries: 1, nextTryAtMs: nowMs + 800 });
    expect(first?.lastError).toMatch(/^The run that started this one could not be reached/u);
    expect(JSON.stringify(outbox.shown())).not.toContain("SECRET");
    expect(outbox.nextDue()).toBe(nowMs + 800);
  });

  it("parks an effect after too many failures, and does the later ones of its lane", async () => {
    failing.add("run:7:1:wake_parent");
    wake(1);
    wake(2);
    for (let tries = 0; tries < maxEffectTries; tries += 1) {
      await outbox.drain(everything);
      nowMs += 400_000;
    }
    expect(outbox.shown()).toMatchObject([{ status: "parked", tries: maxEffectTries, nextTryAtMs: null }]);
    expect(calls.at(-1)).toBe("wake_parent run:7:2:wake_parent");
    failing.clear();
    expect(store.outbox.unpark()).toBe(1);
    await outbox.drain(everything);
    expect(outbox.shown()).toEqual([]);
  });

  it("leaves the kinds alone that it is not asked for", async () => {
    store.outbox.add("1:spending", { kind: "spending", entity: "run", data: {} }, nowMs);
    await outbox.drain((kind) => kind !== "spending");
    expect(calls).toEqual([]);
    await outbox.drain((kind) => kind === "spending");
    expect(calls).toEqual(["spending run:7:1:spending"]);
  });
});

it("a parent is woken through its host", async () => {
  const commands: [number, Caller, RunCommand][] = [];
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  const runs = {
    command: async (...command: [number, Caller, RunCommand]) => {
      commands.push(command);
      return { ok: true } as const;
    },
    read: unused,
    socket: unused,
    grantedSocket: unused,
  };
  await createRunEffects({
    db: {} as Database,
    boards: { showRun: unused, write: unused },
    runs,
    tellFeed: unused,
  }).wakeRun(9);
  expect(commands).toMatchObject([[9, { actor: { kind: "system" } }, { kind: "wake" }]]);
});
