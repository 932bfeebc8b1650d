import type { RunEventType } from "./run-event-payloads.ts";

/* Versions of the events' payloads without the payloads' schemas, so that pages can use them without loading a validator. */

/** Event types whose payload is no longer in its first version. */
const changedPayloads = {
  "run.created": 2,
  "stage.finished": 2,
  "turn.finished": 2,
  "tool.finished": 3,
  "workspace.saved": 2,
  "tests.reported": 3,
  "review.submitted": 2,
  "patch_set.proposed": 3,
  "policy.evaluated": 2,
  "gate.evaluated": 2,
  "approval.decided": 2,
  "write.started": 2,
  "write.finished": 2,
  "pull_request.opened": 2,
  "ci.updated": 3,
  "run.paused": 2,
  "run.unpaused": 2,
  "message.queued": 2,
  "message.edited": 2,
  "message.removed": 2,
  "question.answered": 2,
  "proposal.made": 2,
  "limits.set": 2,
  "context.compacted": 2,
} as const satisfies Partial<Record<RunEventType, number>>;

/** The version in which events of a type are written today. */
export function eventVersion(type: RunEventType): number {
  return Object.hasOwn(changedPayloads, type) ? changedPayloads[type as keyof typeof changedPayloads] : 1;
}
