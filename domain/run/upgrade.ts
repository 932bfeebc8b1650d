import type { RunEvent, RunEventType } from "../../contracts/run-events.ts";

/**
 * Fields that were added to version 1 of a payload after it was first written, with what an older event means by their absence:
 * the defaults of the payload's schema. A payload that changes its meaning gets a new version instead.
 */
export const addedFields: Partial<Record<RunEventType, Readonly<Record<string, unknown>>>> = {
  "run.created": { reviewOf: null, images: [], constraints: null },
  "stage.finished": { report: null },
  "tool.finished": { misfit: false },
  "tests.reported": { cases: null },
  "patch_set.proposed": { tasks: [], parentCommit: null },
  "proposal.made": { review: null },
  "limits.set": { stageTurns: null, stageWallTimeMs: null },
  "context.compacted": { by: "rule", how: "cleared", summary: "", call: null },
};

/** A stored event as today's code reads it. */
export function upgradeEvent(event: RunEvent): RunEvent {
  if (event.type === "review.submitted" && event.data.findings.some(({ suggestion }) => suggestion === undefined)) {
    const findings = event.data.findings.map((finding) => ({ ...finding, endLine: null, suggestion: null }));
    return { ...event, data: { ...event.data, findings } };
  }
  const added = addedFields[event.type];
  if (added === undefined || Object.keys(added).every((name) => Object.hasOwn(event.data, name))) return event;
  return { ...event, data: { ...added, ...event.data } } as RunEvent;
}
