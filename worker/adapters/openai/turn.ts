import type { LlmBlock, LlmDelta, LlmTurn, LlmUsage } from "../../ports/llm.ts";
import { streamCut } from "../llm/call.ts";
import { asCount, asString, isRecord, toolUseBlock } from "../llm/values.ts";

/** The failure that a `response.failed` event describes. */
export interface FailedResponse {
  readonly code: string | undefined;
  readonly message: string;
}

/**
 * Puts a Responses stream together, event by event. Events, items and parts that it doesn't know are passed over.
 * https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export class ResponseAssembler {
  readonly #emit: (delta: LlmDelta) => void;
  readonly #started = new Set<number>();
  /** Finished items by output index. The vendor wants them sent back, above all reasoning. */
  readonly #items = new Map<number, Record<string, unknown>>();
  #response: Record<string, unknown> | undefined;
  #failed: FailedResponse | undefined;

  constructor(emit: (delta: LlmDelta) => void) {
    this.#emit = emit;
  }

  /** True once the vendor has ended the response: complete, incomplete by its limits, or failed. */
  get stopped(): boolean {
    return this.#response !== undefined || this.#failed !== undefined;
  }

  /** Set when the vendor gave the response up. */
  get failed(): FailedResponse | undefined {
    return this.#failed;
  }

  /** Takes one parsed event. */
  accept(event: unknown): void {
    if (!isRecord(event)) return;
    switch (event["type"]) {
      case "response.output_item.added":
        this.#start(event["output_index"], event["item"]);
        return;
      case "response.output_item.done":
        if (typeof event["output_index"] === "number" && isRecord(event["item"])) {
          this.#items.set(event["output_index"], event["item"]);
        }
        return;
      case "response.output_text.delta":
      case "response.refusal.delta":
        this.#say("text", event["delta"]);
        return;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        this.#say("thinking", event["delta"]);
        return;
      case "response.reasoning_summary_part.added":
        if (event["summary_index"] !== 0) this.#say("thinking", "\n\n");
        return;
      case "response.completed":
      case "response.incomplete":
        if (isRecord(event["response"])) this.#response = event["response"];
        return;
      case "response.failed": {
        const error = isRecord(event["response"]) ? event["response"]["error"] : undefined;
        this.#failed = isRecord(error)
          ? { code: asString(error["code"]), message: asString(error["message"]) ?? "unknown error" }
          : { code: undefined, message: "unknown error" };
        return;
      }
      default:
    }
  }

  /** The whole turn. Throws transient `stream_cut` when the vendor never finished it. */
  finish(vendorRequestId: string | undefined): LlmTurn {
    const response = this.#response;
    const model = asString(response?.["model"]);
    if (response === undefined || model === undefined) throw streamCut("no response.completed");
    const complete = response["status"] !== "incomplete";
    const items = this.#allItems(response["output"]);
    if (complete && [...this.#started].some((index) => items[index] === undefined)) {
      throw streamCut("response.completed without one of its items");
    }
    const blocks = items.flatMap((item) => (item === undefined ? [] : toBlocks(item)));
    return {
      blocks,
      stopReason: complete ? stopReasonOf(items, blocks) : incompleteReason(response["incomplete_details"]),
      usage: toUsage(response["usage"]),
      model,
      vendorRequestId,
    };
  }

  #start(index: unknown, item: unknown): void {
    if (typeof index !== "number" || !isRecord(item) || item["type"] !== "function_call") return;
    this.#started.add(index);
    const id = asString(item["call_id"]);
    const name = asString(item["name"]);
    if (id !== undefined && name !== undefined) this.#emit({ type: "tool_use_start", id, name });
  }

  #say(type: "text" | "thinking", text: unknown): void {
    if (typeof text === "string" && text !== "") this.#emit({ type, text });
  }

  #allItems(output: unknown): (Record<string, unknown> | undefined)[] {
    const last: unknown[] = Array.isArray(output) ? output : [];
    const length = Math.max(last.length, ...[...this.#items.keys()].map((index) => index + 1));
    return Array.from({ length }, (_, index) => {
      const item = this.#items.get(index) ?? last[index];
      return isRecord(item) ? item : undefined;
    });
  }
}

function toBlocks(item: Record<string, unknown>): LlmBlock[] {
  switch (item["type"]) {
    case "message":
      return partsOf(item["content"]).flatMap((part): LlmBlock[] => {
        const text = asString(part["text"]) ?? asString(part["refusal"]) ?? "";
        return text === "" ? [] : [{ type: "text", text }];
      });
    case "reasoning": {
      const summary = partsOf(item["summary"]);
      const parts = summary.length > 0 ? summary : partsOf(item["content"]);
      return [{ type: "thinking", text: parts.map((part) => asString(part["text"]) ?? "").join("\n\n"), opaque: item }];
    }
    case "function_call": {
      const id = asString(item["call_id"]);
      const name = asString(item["name"]);
      if (id === undefined || name === undefined) return [];
      return [toolUseBlock(id, name, asString(item["arguments"]) ?? "", item["status"] !== "incomplete")];
    }
    default:
      return [];
  }
}

function partsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function stopReasonOf(
  items: readonly (Record<string, unknown> | undefined)[],
  blocks: readonly LlmBlock[],
): LlmTurn["stopReason"] {
  if (items.some((item) => partsOf(item?.["content"]).some((part) => part["type"] === "refusal"))) return "refusal";
  return blocks.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn";
}

function incompleteReason(details: unknown): LlmTurn["stopReason"] {
  const reason = isRecord(details) ? details["reason"] : undefined;
  if (reason === "max_output_tokens") return "max_tokens";
  return reason === "content_filter" ? "refusal" : "other";
}

/** The vendor's input count includes what was read from and written to the cache; the port's doesn't. */
export function toUsage(usage: unknown): LlmUsage {
  const all = isRecord(usage) ? usage : {};
  const details = isRecord(all["input_tokens_details"]) ? all["input_tokens_details"] : {};
  const input = asCount(all["input_tokens"]);
  const cacheReadTokens = asCount(details["cached_tokens"]);
  const cacheWriteTokens = asCount(details["cache_write_tokens"]);
  return {
    inputTokens:
      input === undefined || cacheReadTokens === undefined
        ? undefined
        : asCount(input - cacheReadTokens - (cacheWriteTokens ?? 0)),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: asCount(all["output_tokens"]),
  };
}
