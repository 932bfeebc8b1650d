import type { MoneyBook, MonthSums, Reservation } from "../../domain/budget/project-money.ts";
import type { DaySpend } from "../../domain/run/view.ts";

const nothingSpent: MonthSums = { spentMicros: 0, unpricedCalls: 0, unpricedAccepted: 0, warnedRunId: null };

/** A project's money in memory. */
export class MemoryMoneyBook implements MoneyBook {
  readonly reservations = new Map<number, Reservation>();
  #limitMicros: number | null;
  readonly #months = new Map<string, MonthSums>();
  readonly #days = new Map<string, DaySpend>();

  constructor(limitMicros: number | null) {
    this.#limitMicros = limitMicros;
  }

  project(): { readonly name: string; readonly limitMicros: number | null } {
    return { name: "Lime", limitMicros: this.#limitMicros };
  }

  setLimit(limitMicros: number | null): void {
    this.#limitMicros = limitMicros;
  }

  month(name: string): MonthSums {
    return this.#months.get(name) ?? nothingSpent;
  }

  setMonth(name: string, sums: MonthSums): void {
    this.#months.set(name, sums);
  }

  months(): readonly (MonthSums & { readonly month: string })[] {
    return [...this.#months].map(([month, sums]) => ({ month, ...sums }));
  }

  day(runId: number, day: string): DaySpend {
    return this.#days.get(`${runId} ${day}`) ?? { micros: 0, unpricedCalls: 0 };
  }

  setDay(runId: number, day: string, spend: DaySpend): void {
    this.#days.set(`${runId} ${day}`, spend);
  }

  setReservation(runId: number, reservation: Reservation | null): void {
    if (reservation === null) this.reservations.delete(runId);
    else this.reservations.set(runId, reservation);
  }

  reservedBesides(runId: number): number {
    return [...this.reservations].reduce((sum, [id, { micros }]) => (id === runId ? sum : sum + micros), 0);
  }

  dropReservations(untilMs: number): void {
    for (const [runId, { atMs }] of this.reservations) if (atMs <= untilMs) this.reservations.delete(runId);
  }
}
