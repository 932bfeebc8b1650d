import type { RunLimits } from "../../contracts/run.ts";
import type { ProjectMonth } from "../../domain/budget/month.ts";
import type { Call, MonthAnswer, Spending } from "../../domain/budget/project-money.ts";
import type { BoardPlace } from "./board-host.ts";
import type { Caller } from "./run-host.ts";

/** A run's spending so far, and its project. */
export type RunSpending = Spending & BoardPlace;

/** A model call that is about to be made, and its run's project. */
export type CallReservation = Call & BoardPlace;

/** The project's month after the run's spending was taken; undefined when the tenant has no such project. */
export type BudgetState = MonthAnswer | { readonly month: undefined; readonly warns: false };

/**
 * The projects' money by month. Both verbs first charge the run's spending, each cent once however often and in whatever order
 * they come, and release the run's earlier reservation: a run makes one call at a time. They may throw after they have done their
 * work; trying again is right.
 */
export interface BudgetPort {
  /** Reserves the call's cost if the budget admits it. The check and the reservation are one commit, also among concurrent calls. */
  reserve(call: CallReservation): Promise<BudgetState & { readonly admitted: boolean }>;
  settle(spending: RunSpending): Promise<BudgetState>;
}

/** A project's money as it is now. */
export interface MoneyFigures {
  /** The present month; `reservedMicros` are those of all runs, `unpricedCalls` those since the budget was set last. */
  readonly now: ProjectMonth;
  /** All months in which something was spent, in no order; here `unpricedCalls` are all of the month. */
  readonly months: readonly { readonly month: string; readonly spentMicros: number; readonly unpricedCalls: number }[];
}

/** A change of a project's budget, its runs' limits or both. */
export interface BudgetChange {
  readonly monthBudgetMicros?: number | null;
  readonly runLimits?: RunLimits;
}

/** Each project's money has one keeper, which decides in order and answers once its decision is stored. */
export interface BudgetHost extends BudgetPort {
  /** The figures at a time in UTC milliseconds; undefined when the tenant has no such project. */
  read(place: BoardPlace, atMs: number): Promise<MoneyFigures | undefined>;
  /**
   * Sets the budget and its audit entry; the next call is decided by it. False when the tenant has no such project. Throws whatever
   * the database throws, and then it is set if the database took it.
   */
  set(place: BoardPlace, caller: Caller, change: BudgetChange, atMs: number): Promise<boolean>;
}
