import type { RunEvent } from "../../contracts/run-events.ts";

/**
 * A stored event as today's code reads it. Fields that were added to version 1 after it was first written get the value that
 * older events mean. A payload that changes its meaning gets a new version and a case here.
 */
export function upgradeEvent(event: RunEvent): RunEvent {
  if (event.type === "patch_set.proposed" && event.data.tasks === undefined)
    return { ...event, data: { ...event.data, tasks: [] } };
  if (event.type === "stage.finished" && event.data.report === undefined)
    return { ...event, data: { ...event.data, report: null } };
  if (event.type === "limits.set" && event.data.stageTurns === undefined)
    return { ...event, data: { ...event.data, stageTurns: null, stageWallTimeMs: null } };
  return event;
}
