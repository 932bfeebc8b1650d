import { parseStored } from "../../domain/parse-stored.ts";
import type { Effect } from "../../domain/run/effects.ts";
import { isCoalesced, type OutboxRow } from "../../domain/run/outbox.ts";

/** An effect as the outbox keeps it until it is done. */
export interface StoredEffect extends OutboxRow {
  /** Names the effect within the run: number of its event and kind. */
  readonly key: string;
  readonly effect: Effect;
  readonly atMs: number;
  /** The last failure, in plain words. */
  readonly error: string | null;
}

type Row = {
  id: number;
  key: string;
  kind: Effect["kind"];
  entity: string;
  data: string;
  at_ms: number;
  tries: number;
  due_ms: number;
  parked: number;
  error: string | null;
};

/** The outbox of a run: effects that were stored with their events and are not done yet. */
export class OutboxStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adds an effect. One whose key is there already is left alone; untried ones whose work it does too are removed. */
  add(key: string, { data, entity, kind }: Effect, atMs: number): void {
    if (isCoalesced(kind))
      this.#sql.exec("delete from outbox where kind = ? and entity = ? and tries = 0 and parked = 0", kind, entity);
    this.#sql.exec(
      "insert or ignore into outbox (key, kind, entity, data, at_ms) values (?, ?, ?, ?, ?)",
      key,
      kind,
      entity,
      JSON.stringify(data),
      atMs,
    );
  }

  /** All effects that are not done, oldest first. */
  rows(): readonly StoredEffect[] {
    return this.#sql
      .exec<Row>("select * from outbox order by id")
      .toArray()
      .map(({ at_ms: atMs, data, due_ms: dueMs, entity, error, id, key, kind, parked, tries }) => ({
        id,
        key,
        kind,
        entity,
        tries,
        dueMs,
        parked: parked === 1,
        atMs,
        error,
        effect: { kind, entity, data: parseStored(data) } as Effect,
      }));
  }

  /** Removes effects that are done or superseded. */
  remove(ids: readonly number[]): void {
    this.#sql.exec("delete from outbox where id in (select value from json_each(?))", JSON.stringify(ids));
  }

  /** Stores the state of an effect after a failure. */
  failed({ dueMs, id, parked, tries }: OutboxRow, error: string): void {
    this.#sql.exec(
      "update outbox set tries = ?, due_ms = ?, parked = ?, error = ? where id = ?",
      tries,
      dueMs,
      parked ? 1 : 0,
      error,
      id,
    );
  }

  /** Makes every parked effect due again, as if it had never been tried. Returns how many there were. */
  unpark(): number {
    const parked = this.#sql.exec("select id from outbox where parked = 1").toArray().length;
    this.#sql.exec("update outbox set parked = 0, tries = 0, due_ms = 0 where parked = 1");
    return parked;
  }
}
