import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { Stage } from "../../../../contracts/run.ts";
import type { StepContext } from "./deps.ts";

/** The event that ends the present stage. */
export function stageFinished(
  { deps, journal }: StepContext,
  stage: Stage,
  outcome: string,
  report: { readonly title: string; readonly summary: string } | null,
): Extract<NewRunEvent, { type: "stage.finished" }> {
  const view = journal.view();
  return {
    type: "stage.finished",
    data: {
      stage,
      attempt: view.stageAttempt,
      outcome,
      durationMs: Math.max(0, deps.nowMs() - view.stageStartedAtMs),
      report,
    },
  };
}
