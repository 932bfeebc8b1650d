import type { MoneyBook, MonthSums, Reservation, RunDay } from "../../domain/budget/project-money.ts";
import type { DaySpend } from "../../domain/run/view.ts";
import type { StoredMoney } from "../../worker/services/budget/money-record.ts";

/** `money` has one row once the money was taken over from D1. `is_new` marks days that D1 does not have yet. */
const schema = `
create table if not exists money (project text not null, limit_micros integer);
create table if not exists money_month (
  month text primary key, spent_micros integer not null, unpriced_calls integer not null,
  unpriced_accepted integer not null, warned_run_id integer
) without rowid;
create table if not exists money_day (
  run_id integer not null, day text not null, micros integer not null, unpriced_calls integer not null,
  is_new integer not null, primary key (run_id, day)
) without rowid;
create index if not exists money_day_new on money_day (run_id) where is_new = 1;
create table if not exists money_reservation (
  run_id integer primary key, call_id text not null, micros integer not null, at_ms integer not null
);
`;

type MonthRow = {
  month: string;
  spent_micros: number;
  unpriced_calls: number;
  unpriced_accepted: number;
  warned_run_id: number | null;
};

const nothingSpent: MonthSums = { spentMicros: 0, unpricedCalls: 0, unpricedAccepted: 0, warnedRunId: null };

/** A project's money in the SQLite of its object. Synchronous: the object runs a whole decision inside one transaction. */
export class SqliteMoneyBook implements MoneyBook {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(schema);
  }

  /** True once there is something to decide by. */
  isOpen(): boolean {
    return this.#rows("select 1 from money").length > 0;
  }

  /** Takes over a project's money. */
  open({ days, limitMicros, months, project, reservations }: StoredMoney): void {
    this.#sql.exec("insert into money values (?, ?)", project, limitMicros);
    for (const { month, ...sums } of months) this.setMonth(month, sums);
    for (const { day, runId, spend } of days) this.#putDay(runId, day, spend, 0);
    for (const { runId, ...reservation } of reservations) this.setReservation(runId, reservation);
  }

  /** Forgets everything: the project is gone. */
  clear(): void {
    for (const table of ["money", "money_month", "money_day", "money_reservation"])
      this.#sql.exec(`delete from ${table}`);
  }

  project(): { readonly name: string; readonly limitMicros: number | null } {
    const [row] = this.#rows<{ project: string; limit_micros: number | null }>("select * from money");
    return { name: row?.project ?? "", limitMicros: row?.limit_micros ?? null };
  }

  setLimit(limitMicros: number | null): void {
    this.#sql.exec("update money set limit_micros = ?", limitMicros);
  }

  rename(project: string): void {
    this.#sql.exec("update money set project = ? where project <> ?", project, project);
  }

  month(name: string): MonthSums {
    const [row] = this.#rows<MonthRow>("select * from money_month where month = ?", name);
    return row === undefined ? nothingSpent : sumsOf(row);
  }

  setMonth(name: string, { spentMicros, unpricedAccepted, unpricedCalls, warnedRunId }: MonthSums): void {
    const values = [spentMicros, unpricedCalls, unpricedAccepted, warnedRunId];
    this.#sql.exec("insert or replace into money_month values (?, ?, ?, ?, ?)", name, ...values);
  }

  months(): readonly (MonthSums & { readonly month: string })[] {
    return this.#rows<MonthRow>("select * from money_month").map((row) => ({ month: row.month, ...sumsOf(row) }));
  }

  day(runId: number, day: string): DaySpend {
    const [row] = this.#rows<{ micros: number; unpriced_calls: number }>(
      "select micros, unpriced_calls from money_day where run_id = ? and day = ?",
      runId,
      day,
    );
    return { micros: row?.micros ?? 0, unpricedCalls: row?.unpriced_calls ?? 0 };
  }

  setDay(runId: number, day: string, spend: DaySpend): void {
    this.#putDay(runId, day, spend, 1);
  }

  setReservation(runId: number, reservation: Reservation | null): void {
    if (reservation === null) this.#sql.exec("delete from money_reservation where run_id = ?", runId);
    else {
      const { atMs, callId, micros } = reservation;
      this.#sql.exec("insert or replace into money_reservation values (?, ?, ?, ?)", runId, callId, micros, atMs);
    }
  }

  reservedBesides(runId: number): number {
    const [row] = this.#rows<{ sum: number | null }>(
      "select sum(micros) as sum from money_reservation where run_id <> ?",
      runId,
    );
    return row?.sum ?? 0;
  }

  dropReservations(untilMs: number): void {
    this.#sql.exec("delete from money_reservation where at_ms <= ?", untilMs);
  }

  /** Up to `count` days that D1 does not have as they are. */
  newDays(count: number): readonly RunDay[] {
    return this.#rows<{ run_id: number; day: string; micros: number; unpriced_calls: number }>(
      "select run_id, day, micros, unpriced_calls from money_day where is_new = 1 limit ?",
      count,
    ).map((row) => ({
      runId: row.run_id,
      day: row.day,
      spend: { micros: row.micros, unpricedCalls: row.unpriced_calls },
    }));
  }

  hasNewDays(): boolean {
    return this.newDays(1).length > 0;
  }

  /** D1 has these days. One that has grown meanwhile stays new. */
  markWritten(days: readonly RunDay[]): void {
    for (const { day, runId, spend } of days)
      this.#sql.exec(
        "update money_day set is_new = 0 where run_id = ? and day = ? and micros = ? and unpriced_calls = ?",
        runId,
        day,
        spend.micros,
        spend.unpricedCalls,
      );
  }

  #putDay(runId: number, day: string, { micros, unpricedCalls }: DaySpend, isNew: 0 | 1): void {
    this.#sql.exec("insert or replace into money_day values (?, ?, ?, ?, ?)", runId, day, micros, unpricedCalls, isNew);
  }

  #rows<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: readonly SqlStorageValue[]): Row[] {
    return this.#sql.exec<Row>(query, ...bindings).toArray();
  }
}

function sumsOf(row: MonthRow): MonthSums {
  return {
    spentMicros: row.spent_micros,
    unpricedCalls: row.unpriced_calls,
    unpricedAccepted: row.unpriced_accepted,
    warnedRunId: row.warned_run_id,
  };
}
