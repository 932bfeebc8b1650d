import { eventVersion, type NewRunEvent, type RunEvent } from "../../../contracts/run-events.ts";
import { applyEvent, emptyView, type RunView } from "../../../domain/run/fold.ts";
import type { RunStart } from "../../ports/run-host.ts";

/** The events of a run's first commit. */
export function firstEvents({ created, limits }: RunStart): readonly NewRunEvent[] {
  const first: NewRunEvent = { type: "run.created", data: created };
  if (Object.values(limits).every((limit) => limit === null)) return [first];
  return [first, { type: "limits.set", data: { ...limits, by: created.startedBy } }];
}

/** The view of a run after its first commit, stored at `atMs` (UTC milliseconds), and the number of its newest event. */
export function firstView(start: RunStart, atMs: number): { readonly view: RunView; readonly headSeq: number } {
  const events = firstEvents(start);
  let view = emptyView;
  for (const [index, event] of events.entries()) {
    const stored: RunEvent = { ...event, seq: index + 1, atMs, v: eventVersion(event.type) };
    view = applyEvent(view, stored);
  }
  return { view, headSeq: events.length };
}
