import type { ModelCall } from "../../../contracts/run.ts";
import type { RunEvent, RunEventType, Usage } from "../../../contracts/run-events.ts";
import type { ModelCallRecord } from "./engine/journal.ts";

/** The events that tell what calls used and cost. */
export const modelCallEvents = ["turn.finished", "context.compacted"] as const satisfies readonly RunEventType[];

type Kept = Omit<ModelCallRecord, "request" | "answerJson">;

/** The kept calls with the usage and cost that their events hold, in order. */
export function modelCallsOf(kept: readonly Kept[], events: Iterable<RunEvent>): readonly ModelCall[] {
  const finished: { readonly usage: Usage; readonly costMicros: number | null }[] = [];
  for (const event of events) {
    if (event.type === "turn.finished") finished.push(event.data);
    else if (event.type === "context.compacted" && event.data.call !== null) finished.push(event.data.call);
  }
  return kept.map((call, index) => {
    const counted = finished[index];
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
      vendorRequestId: call.vendorRequestId ?? null,
    };
  });
}
