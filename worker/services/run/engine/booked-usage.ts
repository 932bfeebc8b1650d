import type { NewRunEvent, Usage } from "../../../../contracts/run-events.ts";
import { tokensAtMost } from "../../../../domain/budget/bound.ts";
import { plausibleUsage } from "../../../../domain/budget/plausible-usage.ts";
import type { LlmUsage } from "../../../ports/llm.ts";

/** The usage as it is booked, and the notice where that is not what the vendor reported. */
export function bookedUsage(
  asked: {
    readonly messages: readonly unknown[];
    readonly system: string;
    readonly tools: readonly unknown[];
    readonly maxOutputTokens: number;
  },
  reported: LlmUsage,
): { readonly usage: LlmUsage; readonly events: readonly NewRunEvent[] } {
  const { problem, usage } = plausibleUsage(reported, {
    promptTokens: tokensAtMost([asked.messages, asked.system, asked.tools]),
    outputTokens: asked.maxOutputTokens,
  });
  return {
    usage,
    events: problem === undefined ? [] : [{ type: "notice", data: { level: "warning", message: problem } }],
  };
}

/** Token counts as events keep them: null for those that the vendor did not report. */
export function usageOf(usage: LlmUsage): Usage {
  return {
    inputTokens: usage.inputTokens ?? null,
    cacheReadTokens: usage.cacheReadTokens ?? null,
    cacheWriteTokens: usage.cacheWriteTokens ?? null,
    outputTokens: usage.outputTokens ?? null,
  };
}
