import { PortError } from "../../ports/errors.ts";
import type { LlmCompaction, LlmUsage } from "../../ports/llm.ts";
import { streamCut } from "../llm/call.ts";
import { asString, isRecord } from "../llm/values.ts";
import { usageOf } from "./turn.ts";

/**
 * The summary in the answer to a compaction request: one `compaction` block and nothing else. Throws permanent `no_summary` when the
 * model could not write one, transient `stream_cut` for half an answer.
 * https://platform.claude.com/docs/en/build-with-claude/compaction-on-demand
 */
export function compactionOf(message: unknown, vendorRequestId: string | undefined): LlmCompaction {
  const model = isRecord(message) ? asString(message["model"]) : undefined;
  if (!isRecord(message) || model === undefined) throw streamCut("no message");
  const content = Array.isArray(message["content"]) ? message["content"].filter(isRecord) : [];
  const block = content.find((each) => each["type"] === "compaction");
  const text = asString(block?.["content"]) ?? "";
  if (block === undefined || text.trim() === "")
    throw new PortError("llm", "permanent", "no_summary", "Anthropic answered without a summary.");
  return {
    block: { type: "compaction", text, opaque: block },
    keepsUserMessages: false,
    usage: billed(message["usage"]),
    model,
    vendorRequestId,
  };
}

/** The usage of a compaction. Where the vendor counts step by step, the steps of a compaction are not in the sums beside them. */
export function billed(usage: unknown): LlmUsage {
  if (!isRecord(usage)) return usageOf({});
  const steps = Array.isArray(usage["iterations"]) ? usage["iterations"].filter(isRecord).map(usageOf) : [];
  if (steps.length === 0) return usageOf(usage);
  const sum = (name: keyof LlmUsage): number | undefined =>
    steps.reduce<number | undefined>((total, step) => {
      const count = step[name];
      return total === undefined || count === undefined ? undefined : total + count;
    }, 0);
  return {
    inputTokens: sum("inputTokens"),
    cacheReadTokens: sum("cacheReadTokens"),
    cacheWriteTokens: sum("cacheWriteTokens"),
    outputTokens: sum("outputTokens"),
  };
}
