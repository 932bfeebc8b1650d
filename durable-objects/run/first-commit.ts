import type { Caller, RunStart } from "../../worker/ports/run-host.ts";
import type { CommandWrite } from "../../worker/services/run/commands.ts";
import { firstEvents } from "../../worker/services/run/first-events.ts";
import { outboxFacts } from "./adopt.ts";

/** A run's first step leaves its start this time, so that the answer and the first socket don't wait behind its work. */
export const firstStepAfterMs = 100;

/** The commit that makes a run. Its row and its audit entry are effects of it, unless the row was there before: then both are. */
export function firstCommit({ actor, requestId, sessionId }: Caller, start: RunStart): CommandWrite {
  const { mode, model } = start.created;
  const audited = { actor, sessionId, requestId, action: "run.started", data: { mode, model } };
  return {
    events: firstEvents(start),
    facts: { spec: JSON.stringify(start.spec), ...outboxFacts },
    ...(start.spec.row === undefined ? {} : { command: audited }),
  };
}
