import { earliestDue, firedTimers } from "../domain/timers.ts";

/** The storage of one Durable Object as far as its timers need it. */
type TimerStorage = Pick<DurableObjectStorage, "sql" | "getAlarm" | "setAlarm" | "deleteAlarm">;

/**
 * Named timers over the one alarm of a Durable Object. They are rows of its SQLite (`timers`), and the alarm stands at the
 * earliest of them: it is written only when that changes. A timer stays set until its owner sets or clears it, so an object that
 * dies while it handles one finds it again.
 */
export class Timers<Name extends string> {
  readonly #storage: TimerStorage;
  readonly #due: Map<Name, number>;
  /** When the alarm is due; null when none is set, undefined when that is not known. */
  #alarmMs: number | null | undefined;

  /** @param names rows of other names belong to another version of the code and are left out */
  constructor(storage: TimerStorage, names: readonly Name[]) {
    this.#storage = storage;
    this.#due = new Map();
    for (const { due_ms: dueMs, name } of storage.sql.exec<{ name: string; due_ms: number }>("select * from timers")) {
      const known = names.find((candidate) => candidate === name);
      if (known !== undefined) this.#due.set(known, dueMs);
    }
  }

  /** When a timer is due, in UTC milliseconds; undefined when it is not set. */
  due(name: Name): number | undefined {
    return this.#due.get(name);
  }

  /** True when no timer is set. */
  isEmpty(): boolean {
    return this.#due.size === 0;
  }

  /** Sets timers to UTC milliseconds, whatever they were; null clears one. */
  set(changes: Partial<Readonly<Record<Name, number | null>>>): void {
    for (const name in changes) {
      const dueMs = changes[name];
      if (dueMs === undefined || (this.#due.get(name) ?? null) === dueMs) continue;
      if (dueMs === null) {
        this.#due.delete(name);
        this.#storage.sql.exec("delete from timers where name = ?", name);
      } else {
        this.#due.set(name, dueMs);
        this.#storage.sql.exec("insert or replace into timers (name, due_ms) values (?, ?)", name, dueMs);
      }
    }
    this.#arm();
  }

  /** Reads the alarm of an object that has just been built. Returns when it is due; null when none is set. */
  async readAlarm(): Promise<number | null> {
    const alarmMs = await this.#storage.getAlarm();
    this.#alarmMs = alarmMs;
    return alarmMs;
  }

  /** The timers that an alarm which has just fired stands for, earliest first. Their owners set or clear each of them. */
  fired(nowMs: number): readonly Name[] {
    // The platform has taken the alarm: it has to be set again whatever is due next.
    this.#alarmMs = undefined;
    return firedTimers(this.#due, nowMs);
  }

  /** Storage writes that follow each other without an await are one transaction, so a timer and its alarm are stored together. */
  #arm(): void {
    const dueMs = earliestDue(this.#due) ?? null;
    if (dueMs === this.#alarmMs) return;
    this.#alarmMs = dueMs;
    void (dueMs === null ? this.#storage.deleteAlarm() : this.#storage.setAlarm(dueMs));
  }
}
