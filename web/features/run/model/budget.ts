import type { RunState } from "../../../../contracts/run.ts";
import type { Facts } from "./facts.ts";

/** How a run stands to its budget; amounts in millionths of a dollar. */
export interface Budget {
  readonly limitMicros: number;
  /** Null when a model call's cost isn't known: what was spent can't be told then. */
  readonly spentMicros: number | null;
  /** Spent part of the limit, from 0 to 1; null when it can't be told. */
  readonly share: number | null;
  readonly tone: "ok" | "low" | "used";
}

/** From this part of the limit on, a budget runs low. */
const lowFrom = 0.8;

type BudgetFacts = Pick<Facts, "limits" | "costMicros" | "unpricedTurns" | "budgetWarned">;

/** The run's budget, or null when it has none. An unknown cost counts as used up, as it does for the engine: it can't be shown to be under. */
export function budgetOf(facts: BudgetFacts): Budget | null {
  const limitMicros = facts.limits.costMicros;
  if (limitMicros === null) return null;
  if (facts.unpricedTurns > 0) return { limitMicros, spentMicros: null, share: null, tone: "used" };
  const spentMicros = facts.costMicros ?? 0;
  const share = limitMicros === 0 ? 1 : Math.min(1, spentMicros / limitMicros);
  const tone = spentMicros >= limitMicros ? "used" : facts.budgetWarned || share >= lowFrom ? "low" : "ok";
  return { limitMicros, spentMicros, share, tone };
}

/** True when the run stands still and would stop again at once: its budget must be raised or removed first. */
export function waitsForBudget(state: RunState, facts: BudgetFacts): boolean {
  return state === "NEEDS_HUMAN" && budgetOf(facts)?.tone === "used";
}

/** True when the run stands still because its time is up: it would stop again at once. */
export function waitsForTime(state: RunState, facts: Pick<Facts, "limits" | "visits">, nowMs: number): boolean {
  const { wallTimeMs } = facts.limits;
  const startedAtMs = facts.visits.find((visit) => visit.state !== "QUEUED")?.fromMs;
  return (
    state === "NEEDS_HUMAN" && wallTimeMs !== null && startedAtMs !== undefined && nowMs - startedAtMs >= wallTimeMs
  );
}
