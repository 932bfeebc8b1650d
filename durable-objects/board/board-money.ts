import { monthAt, reserve, setLimit, settle } from "../../domain/budget/project-money.ts";
import type { BoardPlace } from "../../worker/ports/board-host.ts";
import type { BudgetHost, BudgetState, MoneyFigures } from "../../worker/ports/budget.ts";
import type { MoneyRecord } from "../../worker/services/budget/money-record.ts";
import { SqliteMoneyBook } from "./money-book.ts";

/** Sums that changed reach D1 after this time at the latest, or after the shorter one where the run has ended, in ms. */
const writeAfterMs = 30_000;
const endedAfterMs = 1_000;
/** D1 that fails is tried again after these times, in ms: the first one doubled with each failure, up to the last one. */
const retryMs = { first: 1_000, last: 300_000 };
/** Days of runs that one batch writes. */
const daysAtOnce = 100;

/** The collaborators of a project's money. */
export interface BoardMoneyParts {
  readonly storage: Pick<DurableObjectStorage, "sql" | "transactionSync">;
  readonly record: MoneyRecord;
  readonly nowMs: () => number;
  readonly log: (level: "warn", message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** The project that the object is of; undefined before it was seen in D1. */
  readonly place: () => BoardPlace | undefined;
  /** Makes the object the one of this project, which D1 has. */
  readonly adopt: (place: BoardPlace) => void;
  /** The timer at which `write` is due, in UTC milliseconds; null clears it. */
  readonly timer: { readonly due: () => number | undefined; readonly set: (dueMs: number | null) => void };
}

const noProject = { month: undefined, warns: false } as const;

/**
 * A project's money in its object: the one keeper of sums, reservations and limit (see BudgetHost). D1 is read once, when there is nothing
 * yet, and asked by no call: its copy follows by a timer. The rules are in `domain/budget/project-money.ts`.
 */
export class BoardMoney implements BudgetHost {
  readonly #parts: BoardMoneyParts;
  readonly #book: SqliteMoneyBook;
  /** By tenant: the same question at the same time is asked once. */
  readonly #opening = new Map<number, Promise<boolean>>();
  /** Writes to D1 are done one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #failures = 0;

  constructor(parts: BoardMoneyParts) {
    this.#parts = parts;
    this.#book = new SqliteMoneyBook(parts.storage.sql);
  }

  readonly reserve: BudgetHost["reserve"] = async (call) => {
    if (!(await this.#open(call))) return { ...noProject, admitted: false };
    return this.#decide(call.canWarn, () => reserve(this.#book, call));
  };

  readonly settle: BudgetHost["settle"] = async (spending): Promise<BudgetState> => {
    if (!(await this.#open(spending))) return noProject;
    return this.#decide(spending.canWarn, () => settle(this.#book, spending));
  };

  async read(place: BoardPlace, atMs: number): Promise<MoneyFigures | undefined> {
    if (!(await this.#open(place))) return undefined;
    const months = this.#book
      .months()
      .map(({ month, spentMicros, unpricedCalls }) => ({ month, spentMicros, unpricedCalls }));
    return { now: monthAt(this.#book, atMs, 0), months };
  }

  readonly set: BudgetHost["set"] = async (place, caller, change, atMs) => {
    if (!(await this.#open(place))) return false;
    return this.#inTurn(async () => {
      try {
        await this.#writeDays(place);
        if (!this.#book.isOpen()) return false;
        await this.#parts.record.setBudget(place, caller, change, atMs);
      } catch (error) {
        // Whether D1 took it is not known: the next write reads the budget back.
        this.#plan(0);
        throw error;
      }
      const { monthBudgetMicros: limit } = change;
      if (limit !== undefined) this.#parts.storage.transactionSync(() => setLimit(this.#book, limit, atMs));
      return true;
    });
  };

  /** Brings D1's copy up to date: the timer's work. A failure is logged and tried again later; nothing is lost by it. */
  async write(): Promise<void> {
    const place = this.#parts.place();
    const isDone = await this.#inTurn(async () => {
      if (place !== undefined && this.#book.isOpen()) await this.#writeDays(place);
      return true;
    }).catch((error: unknown) => {
      this.#parts.log("warn", "a project's spending was not written", { ...place, detail: String(error) });
      return false;
    });
    this.#failures = isDone ? 0 : this.#failures + 1;
    this.#parts.timer.set(null);
    if (!isDone) this.#plan(Math.min(retryMs.last, retryMs.first * 2 ** (this.#failures - 1)));
    else if (this.#book.hasNewDays()) this.#plan(writeAfterMs);
  }

  #decide<Answer>(isUnderWay: boolean, decide: () => Answer): Answer {
    const answer = this.#parts.storage.transactionSync(decide);
    if (this.#book.hasNewDays()) this.#plan(isUnderWay ? writeAfterMs : endedAfterMs);
    return answer;
  }

  /** Writes all days that D1 does not have, and takes over the project's name and limit as they are there. */
  async #writeDays(place: BoardPlace): Promise<void> {
    let days: ReturnType<SqliteMoneyBook["newDays"]>;
    do {
      days = this.#book.newDays(daysAtOnce);
      const atMs = this.#parts.nowMs();
      const seen = await this.#parts.record.write(place, days);
      this.#parts.storage.transactionSync(() => {
        if (seen === undefined) return this.#book.clear();
        this.#book.markWritten(days);
        this.#book.rename(seen.project);
        if (seen.limitMicros !== this.#book.project().limitMicros) setLimit(this.#book, seen.limitMicros, atMs);
      });
    } while (days.length === daysAtOnce);
  }

  /** False when the tenant has no such project. */
  async #open({ projectId, tenantId }: BoardPlace): Promise<boolean> {
    const own = this.#parts.place();
    if (own !== undefined && own.tenantId !== tenantId) return false;
    if (own !== undefined && this.#book.isOpen()) return true;
    const place = { tenantId, projectId };
    const opening = this.#opening.get(tenantId) ?? this.#load(place).finally(() => this.#opening.delete(tenantId));
    this.#opening.set(tenantId, opening);
    return opening;
  }

  async #load(place: BoardPlace): Promise<boolean> {
    const stored = await this.#parts.record.load(place, this.#parts.nowMs());
    if (stored === undefined) return false;
    this.#parts.adopt(place);
    this.#parts.storage.transactionSync(() => this.#book.open(stored));
    return true;
  }

  /** Sets the timer, unless it is due before. */
  #plan(afterMs: number): void {
    const { timer } = this.#parts;
    const dueMs = this.#parts.nowMs() + afterMs;
    if ((timer.due() ?? Infinity) > dueMs) timer.set(dueMs);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
