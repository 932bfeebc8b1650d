import type { NewRunEvent } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run.ts";
import type { RunSpec } from "../../worker/ports/run-host.ts";
import { reviewedHead, runCreated, runSpec } from "../fakes/run-start.ts";
import { modelId } from "./fake-model.ts";

/** The head of the pull request under review when the run is started. */
export const firstHead = reviewedHead;

/** The run of every history. */
export const spec: RunSpec = runSpec({ testCommand: "check" });

/** A run's first event. */
export function createdEvent(mode: RunMode): NewRunEvent {
  return runCreated({ mode, model: modelId });
}
