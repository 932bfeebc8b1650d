import type { DaySpend } from "../../domain/run/view.ts";
import type { ProjectMonth } from "../../domain/budget/month.ts";

/** A run's spending so far, day by day: sums that only grow, so that recording them again changes nothing. */
export interface RunSpending {
  readonly tenantId: number;
  readonly projectId: number;
  readonly runId: number;
  /** By UTC day, as `2026-11-05`. */
  readonly days: Readonly<Record<string, DaySpend>>;
  /** UTC milliseconds now: the month that is asked for. */
  readonly atMs: number;
  /** True when the run can still warn its watchers of a low budget. */
  readonly canWarn: boolean;
}

/** A model call that is about to be made. */
export interface CallReservation extends RunSpending {
  readonly callId: string;
  /** The most that it can cost; null when the model's price is not known. */
  readonly micros: number | null;
}

/** The project's month after the run's spending was taken. */
export interface BudgetState {
  /** Undefined when there is no such project. `reservedMicros` are the other runs'. */
  readonly month: ProjectMonth | undefined;
  /** True when this run must warn that four fifths are spent: one run a month and limit. */
  readonly warns: boolean;
}

/**
 * The projects' money by month. Both verbs first charge the run's spending, each cent once however often and in whatever order
 * they come, and release the run's earlier reservation: a run makes one call at a time. They throw whatever the database
 * throws, and may have done their work then; trying again is right.
 */
export interface BudgetPort {
  /** Reserves the call's cost if the budget admits it. The check and the reservation are one commit, also among concurrent calls. */
  reserve(call: CallReservation): Promise<BudgetState & { readonly admitted: boolean }>;
  settle(spending: RunSpending): Promise<BudgetState>;
}
