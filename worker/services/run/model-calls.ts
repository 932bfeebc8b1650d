import type { ModelCall } from "../../../contracts/run.ts";
import type { RunEvent, RunEventType, Usage } from "../../../contracts/run-events.ts";
import type { ModelCallRecord } from "./engine/journal.ts";

/** The events that tell what calls used and cost. */
export const modelCallEvents = [
  "turn.finished",
  "call.cut",
  "context.compacted",
] as const satisfies readonly RunEventType[];

type Kept = Omit<ModelCallRecord, "request" | "answerJson">;

interface Counted {
  readonly callId: string | null;
  readonly usage: Usage;
  readonly costMicros: number | null;
  readonly isEstimate?: boolean;
}

/**
 * The stored calls with the usage and cost that their events hold, in order. Events name their call; those from before they did belong to the
 * calls in the same order.
 */
export function modelCallsOf(kept: readonly Kept[], events: Iterable<RunEvent>): readonly ModelCall[] {
  const named = new Map<string, Counted>();
  const unnamed: Counted[] = [];
  for (const event of events) {
    const counted: Counted | null = countedIn(event);
    if (counted === null) continue;
    if (counted.callId === null) unnamed.push(counted);
    else named.set(counted.callId, counted);
  }
  return kept.map((call, index) => {
    // A log that began before calls were named has its unnamed ones first.
    const counted = named.get(call.callId) ?? unnamed[index];
    return {
      callId: call.callId,
      stage: call.stage,
      turn: call.turn,
      provider: call.provider,
      model: call.model,
      startedAtMs: call.startedAtMs,
      latencyMs: call.latencyMs,
      inputTokens: counted?.usage.inputTokens ?? null,
      cacheReadTokens: counted?.usage.cacheReadTokens ?? null,
      cacheWriteTokens: counted?.usage.cacheWriteTokens ?? null,
      outputTokens: counted?.usage.outputTokens ?? null,
      costMicros: counted?.costMicros ?? null,
      isEstimate: counted?.isEstimate ?? false,
      vendorRequestId: call.vendorRequestId ?? null,
    };
  });
}

function countedIn(event: RunEvent): Counted | null {
  switch (event.type) {
    case "turn.finished":
    case "call.cut":
      return event.data;
    case "context.compacted":
      return event.data.call;
    default:
      return null;
  }
}
