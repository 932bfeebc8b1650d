import type { LlmBlock, LlmDelta, LlmSpent, LlmTurn, LlmUsage } from "../../ports/llm.ts";
import { streamCut } from "../llm/call.ts";
import { asCount, asString, cutToolUse, isRecord, isWrittenAs, toolUseBlock } from "../llm/values.ts";

type Item = Record<string, unknown>;

/** An answer has some dozens of items: an index far beyond them would only use up memory. */
const maxItems = 10_000;

/** Items that the vendor carries out by itself and takes back as they are. */
const ownItems: ReadonlySet<string> = new Set([
  "web_search_call",
  "file_search_call",
  "code_interpreter_call",
  "image_generation_call",
  "mcp_call",
  "mcp_list_tools",
]);

/** The failure that a `response.failed` or an `error` event describes. */
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
  /** Calls by output index, as they began. */
  readonly #started = new Map<number, Item>();
  /** Finished items by output index. The vendor wants them sent back, above all reasoning. */
  readonly #items = new Map<number, Item>();
  #response: Item | undefined;
  #failed: FailedResponse | undefined;
  #begun = false;
  #received = 0;
  #told: unknown;

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

  /**
   * The usage of the call so far; undefined before the vendor accepted it. A response that failed without a word or a count was given up
   * before the model began. Items count as their JSON, so that reasoning counts by its encrypted content.
   *
   * @param gaveUp whether the vendor ended the stream with an error of its own
   */
  spent(gaveUp: boolean): LlmSpent | undefined {
    const told = toUsage(this.#told);
    const isFinal = told.outputTokens !== undefined;
    const items = [...this.#items.values()].reduce((sum, item) => sum + lengthOf(item), 0);
    const receivedBytes = Math.max(this.#received, items);
    const answered = isFinal || receivedBytes > 0 || this.#started.size > 0;
    if (!answered && (gaveUp || this.#failed !== undefined || !this.#begun)) return undefined;
    return { told, isFinal, receivedBytes };
  }

  /** Takes one parsed event. */
  accept(event: unknown): void {
    if (!isRecord(event)) return;
    const { delta, response } = event;
    if (isRecord(response) && response["usage"] !== null) this.#told = response["usage"] ?? this.#told;
    if (typeof delta === "string") this.#received += delta.length;
    switch (event["type"]) {
      case "response.created":
      case "response.in_progress":
        this.#begun = true;
        return;
      case "response.output_item.added":
        this.#start(event["output_index"], event["item"]);
        return;
      case "response.output_item.done":
        if (isIndex(event["output_index"]) && isRecord(event["item"])) {
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
      case "response.failed":
        this.#failed = failureIn(isRecord(event["response"]) ? event["response"]["error"] : undefined);
        return;
      case "error":
        this.#failed = failureIn(isRecord(event["error"]) ? event["error"] : event);
        return;
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
    if (complete && [...this.#started.keys()].some((index) => items[index] === undefined)) {
      throw streamCut("response.completed without one of its items");
    }
    const blocks = items.flatMap((item, index): readonly LlmBlock[] => {
      const begun = this.#started.get(index);
      if (item !== undefined) return toBlocks(item, !complete && index === items.length - 1);
      return begun === undefined ? [] : [cutToolUse(idOf(begun), nameOf(begun), "")];
    });
    const stopReason = complete ? stopReasonOf(items, blocks) : incompleteReason(response["incomplete_details"]);
    const stopDetail = stopReason === "refusal" ? refusalIn(items, response["incomplete_details"]) : undefined;
    return {
      blocks,
      stopReason,
      ...(stopDetail === undefined ? {} : { stopDetail }),
      usage: toUsage(response["usage"]),
      model,
      vendorRequestId,
    };
  }

  #start(index: unknown, item: unknown): void {
    if (!isIndex(index) || !isRecord(item) || item["type"] !== "function_call") return;
    this.#started.set(index, item);
    this.#emit({ type: "tool_use_start", id: idOf(item), name: nameOf(item) });
  }

  #say(type: "text" | "thinking", text: unknown): void {
    if (typeof text === "string" && text !== "") this.#emit({ type, text });
  }

  #allItems(output: unknown): (Item | undefined)[] {
    const last: unknown[] = Array.isArray(output) ? output : [];
    const seen = [...this.#items.keys(), ...this.#started.keys()];
    const length = Math.max(last.length, ...seen.map((index) => index + 1));
    return Array.from({ length }, (_, index) => {
      const item = this.#items.get(index) ?? last[index];
      return isRecord(item) ? item : undefined;
    });
  }
}

/** @param isLast true for the item that the response was cut at, which may look whole all the same. */
function toBlocks(item: Item, isLast: boolean): readonly LlmBlock[] {
  const type = asString(item["type"]) ?? "";
  switch (type) {
    case "message":
      return partsOf(item["content"]).flatMap((part): LlmBlock[] => {
        const text = asString(part["text"]) ?? asString(part["refusal"]) ?? "";
        return text === "" ? [] : [{ type: "text", text, ...phaseOf(item["phase"]) }];
      });
    case "reasoning": {
      const summary = partsOf(item["summary"]);
      const parts = summary.length > 0 ? summary : partsOf(item["content"]);
      return [{ type: "thinking", text: parts.map((part) => asString(part["text"]) ?? "").join("\n\n"), opaque: item }];
    }
    case "function_call": {
      const json = asString(item["arguments"]) ?? "";
      const status = asString(item["status"]);
      const isWhole = status === undefined ? !isLast : status === "completed";
      if (!isWhole) return [cutToolUse(idOf(item), nameOf(item), json)];
      const call = toolUseBlock(idOf(item), nameOf(item), json);
      return [call.invalidJson !== undefined || isWrittenAs(call.input, json) ? call : { ...call, rawInput: json }];
    }
    default:
      if (ownItems.has(type)) return [{ type: "vendor", opaque: item }];
      // A call of another kind waits for an answer of that kind: no such tool was offered.
      return asString(item["call_id"]) === undefined
        ? []
        : [{ type: "tool_use", id: idOf(item), name: nameOf(item) || type, input: {}, fault: "not_offered" }];
  }
}

/** Characters of an item's JSON; none of one that is nested too deep to be written. */
function lengthOf(item: Item): number {
  try {
    return JSON.stringify(item).length;
  } catch {
    return 0;
  }
}

function isIndex(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < maxItems;
}

function idOf(item: Item): string {
  return asString(item["call_id"]) ?? "";
}

function nameOf(item: Item): string {
  return asString(item["name"]) ?? "";
}

function phaseOf(phase: unknown): { readonly phase?: "commentary" | "final_answer" } {
  return phase === "commentary" || phase === "final_answer" ? { phase } : {};
}

function failureIn(error: unknown): FailedResponse {
  return isRecord(error)
    ? { code: asString(error["code"]), message: asString(error["message"]) ?? "unknown error" }
    : { code: undefined, message: "unknown error" };
}

/** The vendor's words for a refusal. */
function refusalIn(items: readonly (Item | undefined)[], details: unknown): string | undefined {
  const said = items
    .flatMap((item) => partsOf(item?.["content"]).map((part) => asString(part["refusal"]) ?? ""))
    .filter((text) => text !== "");
  if (said.length > 0) return said.join(" ");
  return isRecord(details) ? asString(details["reason"]) : undefined;
}

function partsOf(value: unknown): Item[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function stopReasonOf(items: readonly (Item | undefined)[], blocks: readonly LlmBlock[]): LlmTurn["stopReason"] {
  if (items.some((item) => partsOf(item?.["content"]).some((part) => part["type"] === "refusal"))) return "refusal";
  return blocks.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn";
}

function incompleteReason(details: unknown): LlmTurn["stopReason"] {
  const reason = isRecord(details) ? details["reason"] : undefined;
  if (reason === "max_output_tokens") return "max_tokens";
  return reason === "content_filter" ? "refusal" : "other";
}

/**
 * The vendor's input count includes what was read from and written to the cache; the port's doesn't. Where it gives no details nothing is
 * known to have come from the cache, so all of the input counts in full.
 */
export function toUsage(usage: unknown): LlmUsage {
  const all = isRecord(usage) ? usage : {};
  const details = isRecord(all["input_tokens_details"]) ? all["input_tokens_details"] : {};
  // No prompt has no tokens: a zero is a count that was never made.
  const input = asCount(all["input_tokens"]) || undefined;
  const cacheReadTokens = details["cached_tokens"] === undefined ? 0 : asCount(details["cached_tokens"]);
  const cacheWriteTokens = details["cache_write_tokens"] === undefined ? 0 : asCount(details["cache_write_tokens"]);
  const isKnown = input !== undefined && cacheReadTokens !== undefined && cacheWriteTokens !== undefined;
  return {
    inputTokens: isKnown ? asCount(input - cacheReadTokens - cacheWriteTokens) : undefined,
    cacheReadTokens: input === undefined ? undefined : cacheReadTokens,
    cacheWriteTokens: input === undefined ? undefined : cacheWriteTokens,
    outputTokens: asCount(all["output_tokens"]),
  };
}
