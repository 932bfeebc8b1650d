import { utcMonth } from "../../../domain/budget/calendar.ts";
import {
  reservationLifeMs,
  type MonthSums,
  type Reservation,
  type RunDay,
} from "../../../domain/budget/project-money.ts";
import type { Database } from "../../db/client.ts";
import {
  beginAnew,
  chargeDay,
  findBudget,
  listDays,
  listMonths,
  listReservations,
  setBudget,
} from "../../db/stores/budget.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { BudgetChange } from "../../ports/budget.ts";
import type { Caller } from "../../ports/run-host.ts";

/** A project's money as D1 has it. */
export interface StoredMoney {
  readonly project: string;
  readonly limitMicros: number | null;
  readonly months: readonly (MonthSums & { readonly month: string })[];
  readonly days: readonly RunDay[];
  readonly reservations: readonly (Reservation & { readonly runId: number })[];
}

/** D1's copy of the projects' money. Everything throws whatever the database throws. */
export interface MoneyRecord {
  /**
   * All that D1 knows of a project's money; undefined when the tenant has no such project. Reservations are those of a deployment that still
   * made them in D1, younger than an hour.
   */
  readonly load: (place: BoardPlace, nowMs: number) => Promise<StoredMoney | undefined>;
  /**
   * Charges days of runs, in one batch; repeating it changes nothing. Answers the project's name and limit as they are there; undefined when
   * the tenant has no such project any more, and then nothing was charged.
   */
  readonly write: (
    place: BoardPlace,
    days: readonly RunDay[],
  ) => Promise<Pick<StoredMoney, "project" | "limitMicros"> | undefined>;
  /** Sets a project's budget, with its audit entry, in one batch. `atMs` is UTC milliseconds. */
  readonly setBudget: (place: BoardPlace, caller: Caller, change: BudgetChange, atMs: number) => Promise<void>;
}

/** The copy in a database. */
export function createMoneyRecord(db: Database): MoneyRecord {
  return {
    load: (place, nowMs) => load(db, place, nowMs),
    write: (place, days) => write(db, place, days),
    setBudget: (place, caller, change, atMs) => setLimits(db, place, caller, change, atMs),
  };
}

async function load(db: Database, place: BoardPlace, nowMs: number): Promise<StoredMoney | undefined> {
  const [[budget], months, days, reservations] = await db.batch([
    findBudget(db, place),
    listMonths(db, place),
    listDays(db, place),
    listReservations(db, place, nowMs - reservationLifeMs),
  ]);
  if (budget === undefined) return undefined;
  const { limitMicros, project } = budget;
  return {
    project,
    limitMicros,
    months,
    days: days.map(({ day, micros, runId, unpricedCalls }) => ({ runId, day, spend: { micros, unpricedCalls } })),
    reservations,
  };
}

async function write(
  db: Database,
  place: BoardPlace,
  days: readonly RunDay[],
): Promise<Pick<StoredMoney, "project" | "limitMicros"> | undefined> {
  const charges = days.flatMap((day) => chargeDay(db, place, day));
  // The budget comes first: the rest of the batch has no fixed length, and so no types.
  const [[budget]] = await db.batch([findBudget(db, place), ...charges]);
  return budget;
}

async function setLimits(
  db: Database,
  place: BoardPlace,
  caller: Caller,
  change: BudgetChange,
  atMs: number,
): Promise<void> {
  const by = { scope: { ...caller, tenantId: place.tenantId }, atMs };
  const entry = { action: "project.budget_set", subject: `project:${place.projectId}`, data: { ...change } };
  await db.batch([
    setBudget(db, place, change),
    ...(change.monthBudgetMicros === undefined ? [] : [beginAnew(db, place, utcMonth(atMs))]),
    recordAudit(db, by, entry),
  ]);
}
