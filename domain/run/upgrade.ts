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
  if (event.type === "run.created" && event.data.reviewOf === undefined)
    return { ...event, data: { ...event.data, reviewOf: null } };
  if (event.type === "proposal.made" && event.data.review === undefined)
    return { ...event, data: { ...event.data, review: null } };
  if (event.type === "review.submitted" && event.data.findings.some(({ suggestion }) => suggestion === undefined)) {
    const findings = event.data.findings.map((finding) => ({ ...finding, endLine: null, suggestion: null }));
    return { ...event, data: { ...event.data, findings } };
  }
  return event;
}
