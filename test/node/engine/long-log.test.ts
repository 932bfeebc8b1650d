import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { NewRunEvent, RunEvent } from "../../../contracts/run-events.ts";
import { turnWrites } from "../../../bench/worker/long-log.ts";
import { fold } from "../../../domain/run/fold.ts";
import { searchText, saidEvents } from "../../../domain/run/projection.ts";
import { SqliteJournal } from "../../../durable-objects/run/journal.ts";
import { snapshotEvery } from "../../../durable-objects/run/snapshot.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import type { SocketHub } from "../../../durable-objects/socket-hub.ts";
import type { StoredMessage } from "../../../worker/services/run/engine/journal.ts";
import { runCreated } from "../../fakes/run-start.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

/** A run's storage, and the objects that wake on it one after the other. */
class StoredRun {
  readonly #backing = createSqlStorage();
  /** From which event on each waking has read. */
  readonly readFrom: number[] = [];
  journal = this.wake();

  get store(): RunStore {
    return new RunStore(this.#backing.sql);
  }

  wake(): SqliteJournal {
    const store = this.store;
    const events = store.events.bind(store);
    store.events = (since) => {
      this.readFrom.push(since ?? 0);
      return events(since);
    };
    const hub = { publishEvents: () => undefined, publishDelta: () => undefined } as unknown as SocketHub;
    this.journal = new SqliteJournal({
      storage: this.#backing.storage,
      store,
      hub,
      nowMs: () => 1_790_000_000_000,
      onCommit: () => undefined,
    });
    return this.journal;
  }

  fill(turns: number): void {
    this.journal.commit({ events: [runCreated()] });
    for (let turn = 0; turn < turns; turn += 1) for (const write of turnWrites("1", turn)) this.journal.commit(write);
  }

  exec(query: string, ...bindings: string[]): readonly Record<string, SqlStorageValue>[] {
    return this.#backing.sql.exec(query, ...bindings).toArray();
  }
}

describe("a woken object", () => {
  it("folds only what came after its snapshot, to the view of the whole log", () => {
    for (const turns of [1, 61, 62, 63, 64, 130, 200]) {
      const object = new StoredRun();
      object.fill(turns);
      const before = { view: object.journal.view(), epoch: object.journal.epoch() };
      const woken = object.wake();
      const events = [...object.store.events()];
      expect(woken.view()).toEqual(fold(events));
      expect(woken.view()).toEqual(before.view);
      expect(woken.epoch()).toBe(before.epoch);
      expect(events.length - (object.readFrom.at(-1) ?? 0)).toBeLessThan(snapshotEvery);
    }
  });

  it("goes on from a snapshot as from the events", () => {
    const [kept, whole] = [new StoredRun(), new StoredRun()];
    kept.fill(70);
    whole.fill(70);
    kept.wake();
    for (const object of [kept, whole]) for (const write of turnWrites("1", 70)) object.journal.commit(write);
    expect(kept.journal.view()).toEqual(whole.journal.view());
    expect(kept.wake().view()).toEqual(fold(whole.store.events()));
  });

  it("takes no snapshot that another fold has made", () => {
    const object = new StoredRun();
    object.fill(100);
    const text = object.store.fact("view_snapshot") ?? "";
    expect(text).not.toBe("");
    const foreign = text.replace(/"foldVersion":"[0-9a-f]{64}"/u, `"foldVersion":"${"0".repeat(64)}"`);
    const spoilt = foreign.replace(/"totalTurns":\d+/u, '"totalTurns":7');
    object.exec("update facts set value = ? where name = 'view_snapshot'", spoilt);
    expect(object.wake().view()).toEqual(fold(object.store.events()));
    expect(object.readFrom.at(-1)).toBe(0);
    object.exec(
      "update facts set value = ? where name = 'view_snapshot'",
      text.replace(/"totalTurns":\d+/u, '"totalTurns":7'),
    );
    expect(object.wake().view()).not.toEqual(fold(object.store.events()));
  });

  it.each([
    [
      "fold.ts",
      [
        "agreeToNews",
        "applyLaneEvent",
        "authorState",
        "emptyView",
        "isFinal",
        "isSendBack",
        "passedOverReason",
        "stageOf",
        "utcDay",
      ],
    ],
    ["lane-fold.ts", ["newLane", "unseenPaths"]],
  ])("knows its fold by all the code of %s", (name, known) => {
    const file = readFileSync(path.join(import.meta.dirname, "../../../domain/run", name), "utf8");
    const functions = [...file.matchAll(/^(?:export )?function (\w+)/gmu)]
      .map(([, found = ""]) => found)
      .filter((found) => found !== "fold");
    const listed = /oldSources[^=]*= \[([^\]]+)\]/u
      .exec(file)?.[1]
      ?.split(",")
      .map((each) => each.trim())
      // Helpers of other files that the fold's answers depend on are listed too.
      .filter((each) => each !== "" && !known.includes(each));
    expect(listed?.toSorted()).toEqual(functions.toSorted());
    // Each helper's answers are part of the version in fold-version.ts: a further one has to be added there.
    const helpers = [...file.matchAll(/^import \{([^}]+)\} from/gmu)].flatMap(([, names = ""]) =>
      names
        .split(",")
        .map((each) => each.trim())
        .filter((each) => !each.startsWith("type ")),
    );
    expect(helpers.toSorted()).toEqual(known);
  });
});

describe("a query of a long log", () => {
  const object = new StoredRun();
  object.fill(120);
  const { store } = object;
  const all: readonly RunEvent[] = [...store.events()];

  it("gives events of some types in either order, with texts left out on demand", () => {
    const types = ["turn.finished", "stage.started"] as const;
    const expected = all.filter((event) => types.some((type) => type === event.type));
    expect([...store.eventsOf(types)]).toEqual(expected);
    expect([...store.eventsOf(types, { order: "newest_first" })]).toEqual(expected.toReversed());
    const blank = [...store.eventsOf(["turn.finished"], { blank: ["text", "thinking"] })];
    expect(blank).toEqual(
      all.flatMap((event) =>
        event.type === "turn.finished" ? [{ ...event, data: { ...event.data, text: "", thinking: "" } }] : [],
      ),
    );
  });

  it("finds the newest words without reading the rest", () => {
    let read = 0;
    const counted = function* (): Generator<RunEvent> {
      for (const event of store.eventsOf(saidEvents, { order: "newest_first" })) {
        read += 1;
        yield event;
      }
    };
    const said = all.flatMap((event) => (event.type === "turn.finished" ? [event.data.text] : []));
    expect(searchText(counted())).toBe(said.join("\n").slice(-20_000));
    expect(read).toBeLessThan(said.length / 2);
  });

  it("keeps each text once, and returns conversations byte for byte", () => {
    const told: StoredMessage[] = [];
    for (let turn = 0; turn < 120; turn += 1)
      for (const write of turnWrites("1", turn)) told.push(...(write.messages ?? []).map(({ message }) => message));
    expect(store.conversation("coder")).toEqual(told);
    const [sizes] = object.exec("select sum(length(blocks)) as messages from messages");
    expect(Number(sizes?.["messages"])).toBeLessThan(JSON.stringify(told).length / 3);
    expect(object.exec("select * from tool_inputs")).toEqual([]);
  });

  it("keeps short texts, changed ones and those with a NUL in the message itself", () => {
    const other = new StoredRun();
    const output = `${"a".repeat(300)}\0${"b".repeat(300)}`;
    const result = (content: string) => ({ type: "tool_result" as const, toolUseId: "x", content, isError: false });
    const finished = (text: string): NewRunEvent => ({
      type: "tool.finished",
      data: {
        callId: "x",
        name: "shell",
        outcome: "ok",
        output: text,
        truncated: false,
        durationMs: 1,
        invalidReport: false,
      },
    });
    const cases = [
      [output, output],
      ["short", "short"],
      ["c".repeat(500), `Error: ${"c".repeat(500)}`],
      ["d".repeat(500), `${"d".repeat(500)} and more`],
    ] as const;
    for (const [stored, sent] of cases)
      other.journal.commit({
        events: [finished(stored)],
        messages: [{ conversation: "coder", message: { role: "user", blocks: [result(sent)] } }],
      });
    expect(other.store.conversation("coder").flatMap(({ blocks }) => blocks)).toEqual(
      cases.map(([, sent]) => result(sent)),
    );
  });
});
