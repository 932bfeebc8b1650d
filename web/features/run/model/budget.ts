import type { RunState } from "../../../../contracts/run.ts";
import type { RunView } from "../../../../domain/run/view.ts";

/** A run's spend against its budget; amounts in millionths of a dollar. */
export interface Budget {
  readonly limitMicros: number;
  /** Null when a model call's cost isn't known: the sum is unknown then. */
  readonly spentMicros: number | null;
  /** Spent part of the limit, from 0 to 1; null when it isn't known. */
  readonly share: number | null;
  readonly tone: "ok" | "low" | "used";
}

/** From this part of the limit on, a budget runs low. */
const lowFrom = 0.8;

type Spend = Pick<RunView, "limits" | "costMicros" | "budgetWarned">;

/** The run's budget, or null when it has none. An unknown cost counts as used up, as it does for the engine: it can't be shown to be under. */
export function budgetOf(view: Spend): Budget | null {
  const limitMicros = view.limits.costMicros;
  if (limitMicros === null) return null;
  const spentMicros = view.costMicros;
  if (spentMicros === null) return { limitMicros, spentMicros: null, share: null, tone: "used" };
  const share = limitMicros === 0 ? 1 : Math.min(1, spentMicros / limitMicros);
  const tone = spentMicros >= limitMicros ? "used" : view.budgetWarned || share >= lowFrom ? "low" : "ok";
  return { limitMicros, spentMicros, share, tone };
}

/** True when the run has stopped and a resume would stop at once: its budget must be raised or removed first. */
export function waitsForBudget(state: RunState, view: Spend): boolean {
  return state === "NEEDS_HUMAN" && budgetOf(view)?.tone === "used";
}

/** True when the run has stopped because its time is up: a resume would stop at once. */
export function waitsForTime(
  state: RunState,
  { limits, firstStageAtMs }: Pick<RunView, "limits" | "firstStageAtMs">,
  nowMs: number,
): boolean {
  const { wallTimeMs } = limits;
  return (
    state === "NEEDS_HUMAN" &&
    wallTimeMs !== null &&
    firstStageAtMs !== undefined &&
    nowMs - firstStageAtMs >= wallTimeMs
  );
}
