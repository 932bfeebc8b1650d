import type { NewRunEvent } from "../../contracts/run-events.ts";

/**
 * Whether the step that is under way belongs to the past once this event is stored: its result must not be stored then. Journals count
 * these events as the run's epoch.
 */
export function endsStep({ type }: Pick<NewRunEvent, "type">): boolean {
  return type === "run.state_changed" || type === "run.paused" || type === "repositories.chosen";
}
