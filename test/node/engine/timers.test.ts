import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earliestDue, firedTimers } from "../../../domain/timers.ts";
import { Timers } from "../../../durable-objects/timers.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

const names = ["drive", "deadman", "outbox", "move_bodies"] as const;
type Name = (typeof names)[number];

/** Storage with the rows and the one alarm of a Durable Object, whose writes of the alarm are counted. */
class Storage {
  readonly sql = createSqlStorage().sql;
  alarmMs: number | null = null;
  alarmWrites = 0;

  constructor() {
    this.sql.exec("create table timers (name text primary key, due_ms integer not null)");
  }

  async getAlarm(): Promise<number | null> {
    return this.alarmMs;
  }

  async setAlarm(atMs: number | Date): Promise<void> {
    this.alarmMs = Number(atMs);
    this.alarmWrites += 1;
  }

  async deleteAlarm(): Promise<void> {
    this.alarmMs = null;
    this.alarmWrites += 1;
  }
}

describe("named timers", () => {
  it("keep the alarm at the earliest of them, and write it only when that changes", async () => {
    const changes = fc.array(
      fc.record({ name: fc.constantFrom(...names), dueMs: fc.option(fc.integer({ min: 1, max: 50 })) }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const storage = new Storage();
        const timers = new Timers<Name>(storage, names);
        await timers.readAlarm();
        const table = new Map<Name, number>();
        for (const { dueMs, name } of list) {
          const before = earliestDue(table) ?? null;
          const writes = storage.alarmWrites;
          if (dueMs === null) table.delete(name);
          else table.set(name, dueMs);
          timers.set({ [name]: dueMs });
          const now = earliestDue(table) ?? null;
          expect(storage.alarmMs).toBe(now);
          expect(storage.alarmWrites - writes).toBe(now === before ? 0 : 1);
        }
        const again = new Timers<Name>(storage, names);
        for (const name of names) expect(again.due(name)).toBe(table.get(name));
      }),
      { numRuns: 300 },
    );
  });

  it("set the alarm again after it has fired, whatever is due next", async () => {
    const storage = new Storage();
    const timers = new Timers<Name>(storage, names);
    await timers.readAlarm();
    timers.set({ drive: 10, outbox: 90 });
    storage.alarmMs = null;
    expect(timers.fired(12)).toEqual(["drive"]);
    timers.set({ drive: null, deadman: 40 });
    expect(storage.alarmMs).toBe(40);
  });

  it("fire when due, earliest first; an early alarm fires the earliest", () => {
    const table = new Map([
      ["a", 30],
      ["b", 10],
      ["c", 20],
    ]);
    expect(firedTimers(table, 25)).toEqual(["b", "c"]);
    expect(firedTimers(table, 5)).toEqual(["b"]);
    expect(firedTimers(new Map(), 5)).toEqual([]);
  });

  it("leave out rows of another version's names", () => {
    const storage = new Storage();
    storage.sql.exec("insert into timers (name, due_ms) values ('gone', 5)");
    const timers = new Timers<Name>(storage, names);
    expect(timers.isEmpty()).toBe(true);
  });
});
