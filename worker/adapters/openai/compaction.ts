import { PortError } from "../../ports/errors.ts";
import type { LlmCompaction } from "../../ports/llm.ts";
import { asString, isRecord } from "../llm/values.ts";
import { toUsage } from "./turn.ts";

/**
 * The compacted window: the user messages as they were and one encrypted item, to be sent back whole and unchanged. The vendor
 * doesn't show what it kept. Throws permanent `no_summary` when there is no such item.
 * https://developers.openai.com/api/docs/guides/compaction
 */
export function compactionOf(body: unknown, model: string, vendorRequestId: string | undefined): LlmCompaction {
  const output = isRecord(body) && Array.isArray(body["output"]) ? body["output"].filter(isRecord) : [];
  const compacted = output.some((item) => item["type"] === "compaction" && asString(item["encrypted_content"]));
  if (!isRecord(body) || !compacted)
    throw new PortError("llm", "permanent", "no_summary", "OpenAI answered without a compaction item.");
  return {
    block: { type: "compaction", text: "", opaque: output },
    keepsUserMessages: output.some((item) => item["type"] === "message" && item["role"] === "user"),
    usage: toUsage(body["usage"]),
    model: asString(body["model"]) ?? model,
    vendorRequestId,
  };
}
