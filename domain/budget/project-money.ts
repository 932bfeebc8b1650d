import type { DaySpend } from "../run/view.ts";
import { utcMonth } from "./calendar.ts";
import { admitsCall, lowFrom, type ProjectMonth } from "./month.ts";

/** No model call lasts this long, so an older reservation belongs to a run that has gone. */
export const reservationLifeMs = 3_600_000;

/** A project's sums of one UTC month. */
export interface MonthSums {
  readonly spentMicros: number;
  /** Calls whose cost is not known, and how many of those somebody left out by setting the budget anew. */
  readonly unpricedCalls: number;
  readonly unpricedAccepted: number;
  /** The run that warns of the low budget; null until four fifths are spent, and again when the budget is set. */
  readonly warnedRunId: number | null;
}

/** The most that a run's call under way may cost. */
export interface Reservation {
  readonly callId: string;
  readonly micros: number;
  /** UTC milliseconds. */
  readonly atMs: number;
}

/** One project's money: the entries that the rules below read and write. Months and days without an entry count as zero. */
export interface MoneyBook {
  project(): { readonly name: string; readonly limitMicros: number | null };
  setLimit(limitMicros: number | null): void;
  /** The month's sums, by its name, as `2026-11`. */
  month(name: string): MonthSums;
  setMonth(name: string, sums: MonthSums): void;
  /** All months that have sums, in no order. */
  months(): readonly (MonthSums & { readonly month: string })[];
  /** A run's sums of one UTC day, as `2026-11-05`. */
  day(runId: number, day: string): DaySpend;
  setDay(runId: number, day: string, spend: DaySpend): void;
  /** Null takes the run's reservation back. */
  setReservation(runId: number, reservation: Reservation | null): void;
  /** The sum of all reservations but this run's. */
  reservedBesides(runId: number): number;
  /** Forgets reservations that were made at this time or before, in UTC milliseconds. */
  dropReservations(untilMs: number): void;
}

/** A run's sums of one UTC day. */
export interface RunDay {
  readonly runId: number;
  /** `2026-11-05`. */
  readonly day: string;
  readonly spend: DaySpend;
}

/** A run's spending so far: sums that only grow, so that reporting them again changes nothing. */
export interface Spending {
  readonly runId: number;
  /** By UTC day, as `2026-11-05`. */
  readonly days: Readonly<Record<string, DaySpend>>;
  /** UTC milliseconds now: the month that is asked for. */
  readonly atMs: number;
  /** True when the run can still warn its watchers of a low budget: it has not ended. */
  readonly canWarn: boolean;
}

/** A model call that is about to be made. */
export interface Call extends Spending {
  readonly callId: string;
  /** The most that it can cost; null when the model's price is not known. */
  readonly micros: number | null;
}

/** The project's month after a run's spending was taken. */
export interface MonthAnswer {
  /** `reservedMicros` are the other runs'. */
  readonly month: ProjectMonth;
  /** True when this run must warn that four fifths are spent: one run a month and limit. */
  readonly warns: boolean;
}

/**
 * Charges a run's spending, each cent once however often and in whatever order the reports come, and takes the run's reservation back:
 * a run makes one call at a time.
 */
export function settle(book: MoneyBook, { atMs, canWarn, days, runId }: Spending): MonthAnswer {
  book.dropReservations(atMs - reservationLifeMs);
  book.setReservation(runId, null);
  for (const [day, spend] of Object.entries(days)) charge(book, runId, day, spend);
  const month = monthAt(book, atMs, runId);
  const sums = book.month(month.month);
  const { limitMicros, spentMicros } = month;
  const isLow = limitMicros !== null && limitMicros > 0 && spentMicros >= limitMicros * lowFrom;
  const claims = canWarn && isLow && sums.warnedRunId === null;
  if (claims) book.setMonth(month.month, { ...sums, warnedRunId: runId });
  return { month, warns: claims || sums.warnedRunId === runId };
}

/** Settles, then reserves the call's cost if the month's budget admits it. */
export function reserve(book: MoneyBook, call: Call): MonthAnswer & { readonly admitted: boolean } {
  const answer = settle(book, call);
  const { atMs, callId, micros, runId } = call;
  const admitted = admitsCall(answer.month, micros);
  if (admitted) book.setReservation(runId, { callId, micros: micros ?? 0, atMs });
  return { ...answer, admitted };
}

/** Sets the budget; also to what it was: calls of unknown cost so far are left out, and the next run that crosses four fifths warns of it. */
export function setLimit(book: MoneyBook, limitMicros: number | null, atMs: number): void {
  book.setLimit(limitMicros);
  beginAnew(book, utcMonth(atMs));
}

/** The present month for one of the runs; with `runId` 0 all reservations are in it. */
export function monthAt(book: MoneyBook, atMs: number, runId: number): ProjectMonth {
  const month = utcMonth(atMs);
  const { limitMicros, name } = book.project();
  const { spentMicros, unpricedAccepted, unpricedCalls } = book.month(month);
  return {
    project: name,
    month,
    limitMicros,
    spentMicros,
    reservedMicros: book.reservedBesides(runId),
    unpricedCalls: Math.max(0, unpricedCalls - unpricedAccepted),
  };
}

function beginAnew(book: MoneyBook, month: string): void {
  const sums = book.month(month);
  book.setMonth(month, { ...sums, unpricedAccepted: sums.unpricedCalls, warnedRunId: null });
}

/** Charges the difference to what was charged for that run and day before; an older sum that comes late changes nothing. */
function charge(book: MoneyBook, runId: number, day: string, spend: DaySpend): void {
  const known = book.day(runId, day);
  const now = {
    micros: Math.max(known.micros, spend.micros),
    unpricedCalls: Math.max(known.unpricedCalls, spend.unpricedCalls),
  };
  if (now.micros === known.micros && now.unpricedCalls === known.unpricedCalls) return;
  const month = day.slice(0, 7);
  const sums = book.month(month);
  book.setDay(runId, day, now);
  book.setMonth(month, {
    ...sums,
    spentMicros: sums.spentMicros + now.micros - known.micros,
    unpricedCalls: sums.unpricedCalls + now.unpricedCalls - known.unpricedCalls,
  });
}
