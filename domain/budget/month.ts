import { monthName } from "./calendar.ts";
import { dollars } from "./dollars.ts";

/** The part of a budget from which on it counts as low, and its watchers are warned. */
export const lowFrom = 0.8;

/** A project's budget and spending in one UTC month. Amounts in millionths of a US dollar. */
export interface ProjectMonth {
  readonly project: string;
  /** `2026-11`. */
  readonly month: string;
  /** Null: no budget. */
  readonly limitMicros: number | null;
  /** The known cost of the calls that have ended. */
  readonly spentMicros: number;
  /** The most that calls under way may cost. Where one run asks: those of the others. */
  readonly reservedMicros: number;
  /** Calls of the month whose cost is not known, less those that somebody left out on purpose. */
  readonly unpricedCalls: number;
}

/**
 * Whether one more call may be made, of which at most `callMicros` can be spent (null: its price is not known). It may while
 * what is spent and what others have reserved stay under the limit; so of all calls that run at once, only the last one that
 * was let in can go over it.
 */
export function admitsCall(month: ProjectMonth, callMicros: number | null): boolean {
  if (month.limitMicros === null) return true;
  if (callMicros === null || month.unpricedCalls > 0) return false;
  return month.spentMicros + month.reservedMicros < month.limitMicros;
}

/** The status of a month: `used` and `unknown` admit no further call, `low` from four fifths on. */
export function monthState(
  month: Pick<ProjectMonth, "limitMicros" | "spentMicros" | "unpricedCalls">,
): "none" | "ok" | "low" | "used" | "unknown" {
  const { limitMicros, spentMicros, unpricedCalls } = month;
  if (limitMicros === null) return "none";
  if (spentMicros >= limitMicros) return "used";
  if (unpricedCalls > 0) return "unknown";
  return spentMicros >= limitMicros * lowFrom ? "low" : "ok";
}

/** The reason for refusing a call: `wait` until calls of other runs have ended, or `stop` with the cause and the remedy. */
export function refusalOf(
  month: ProjectMonth,
  callMicros: number | null,
  model: string,
): { readonly kind: "wait" } | { readonly kind: "stop"; readonly cause: string } {
  if (month.limitMicros === null) return { kind: "wait" };
  const budget = `${month.project}'s budget of ${dollars(month.limitMicros)} for ${monthName(month.month)}`;
  if (month.spentMicros >= month.limitMicros)
    return {
      kind: "stop",
      cause: `${budget} is used up: ${dollars(month.spentMicros)} are spent. Raise it in the project's budget, then resume.`,
    };
  if (callMicros === null)
    return {
      kind: "stop",
      cause: `The price of ${model} is not known, so ${budget} can't be kept. Lift the project's budget and resume, or use a model with a price.`,
    };
  if (month.unpricedCalls > 0)
    return {
      kind: "stop",
      cause: `The cost of ${month.unpricedCalls === 1 ? "a model call" : `${month.unpricedCalls} model calls`} is not known, so ${budget} can't be kept. Set the project's budget again to leave ${month.unpricedCalls === 1 ? "it" : "them"} out, or lift it; then resume.`,
    };
  return { kind: "wait" };
}

/** The notice of the run that crosses four fifths of the month's budget. */
export function lowNotice(month: ProjectMonth): string {
  return `${month.project} has spent ${dollars(month.spentMicros)} of its ${dollars(month.limitMicros ?? 0)} for ${monthName(month.month)}: more than 80% of the budget.`;
}

/** The notice of a run that waits for calls of other runs to end. */
export function waitNotice(month: ProjectMonth): string {
  return `Waiting: calls of other runs may use up the rest of ${month.project}'s budget of ${dollars(month.limitMicros ?? 0)} for ${monthName(month.month)}. This run goes on as soon as they have ended under it.`;
}
