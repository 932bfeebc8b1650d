import { utcMonth } from "../../domain/budget/calendar.ts";
import type { BudgetState, CallReservation, RunSpending } from "../../worker/ports/budget.ts";

/** A second model of a project's budget: the database's rules as plain steps. */
export class Account {
  limitMicros: number | null = null;
  /** The spend of other runs in every month, and the reservations of their calls under way. */
  othersSpent = 0;
  othersReserved = 0;
  /** The run's own sums by day, and its reservation. */
  readonly days = new Map<string, { readonly micros: number; readonly unpricedCalls: number }>();
  reservation: { readonly callId: string; readonly micros: number } | undefined;
  #accepted = 0;
  #warned = new Set<string>();

  /** Charges the run's days and takes its reservation back. */
  settle({ atMs, canWarn, days }: RunSpending): BudgetState {
    this.reservation = undefined;
    for (const [day, { micros, unpricedCalls }] of Object.entries(days)) {
      const known = this.days.get(day) ?? { micros: 0, unpricedCalls: 0 };
      this.days.set(day, {
        micros: Math.max(known.micros, micros),
        unpricedCalls: Math.max(known.unpricedCalls, unpricedCalls),
      });
    }
    const month = utcMonth(atMs);
    const limit = this.limitMicros;
    const isLow = limit !== null && limit > 0 && this.spent(month) * 10 >= limit * 8;
    if (canWarn && isLow) this.#warned.add(month);
    return {
      month: {
        project: "Lime",
        month,
        limitMicros: limit,
        spentMicros: this.spent(month),
        reservedMicros: this.othersReserved,
        unpricedCalls: this.#unpriced(month),
      },
      warns: this.#warned.has(month),
    };
  }

  /** The same, then reserves when what is spent and reserved is under the limit and known. */
  reserve(call: CallReservation): BudgetState & { readonly admitted: boolean } {
    const state = this.settle(call);
    const month = utcMonth(call.atMs);
    const admitted =
      this.limitMicros === null ||
      (call.micros !== null &&
        this.#unpriced(month) === 0 &&
        this.spent(month) + this.othersReserved < this.limitMicros);
    if (admitted) this.reservation = { callId: call.callId, micros: call.micros ?? 0 };
    return { ...state, admitted };
  }

  /** Sets the budget anew, as a person does: calls of unknown cost are left out from then on. */
  setLimit(limitMicros: number | null): void {
    this.limitMicros = limitMicros;
    this.#accepted = this.#allUnpriced();
    this.#warned.clear();
  }

  /** The known cost of a month's calls, the others' included. */
  spent(month: string): number {
    let sum = this.othersSpent;
    for (const [day, { micros }] of this.days) if (day.startsWith(month)) sum += micros;
    return sum;
  }

  #unpriced(month: string): number {
    let sum = 0;
    for (const [day, { unpricedCalls }] of this.days) if (day.startsWith(month)) sum += unpricedCalls;
    return Math.max(0, sum - this.#accepted);
  }

  #allUnpriced(): number {
    let sum = 0;
    for (const { unpricedCalls } of this.days.values()) sum += unpricedCalls;
    return sum;
  }
}
