import type { NewRunEvent } from "../../../../../../contracts/run-events.ts";
import { applyEvent, type RunView } from "../../../../../../domain/run/fold.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import type { JournalWrite } from "../../journal.ts";

/** A stage's last tool call: its input as the model sent it, and the function that stores its result. */
export interface Ending {
  readonly input: unknown;
  readonly close: (
    outcome: "ok" | "error",
    output: string,
    write?: Partial<JournalWrite>,
    invalidReport?: boolean,
  ) => StepOutcome;
}

/** The view as it will be once these events are stored. */
export function viewAfter(context: StepContext, events: readonly NewRunEvent[]): RunView {
  return events.reduce(
    (view, event) => applyEvent(view, { ...event, atMs: context.deps.nowMs() }),
    context.journal.view(),
  );
}
