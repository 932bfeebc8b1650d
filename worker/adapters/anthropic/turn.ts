import type { LlmBlock, LlmDelta, LlmSpent, LlmTurn, LlmUsage } from "../../ports/llm.ts";
import { streamCut } from "../llm/call.ts";
import { asCount, asString, cutToolUse, isRecord, parseJson, toolUseBlock } from "../llm/values.ts";

type OpenBlock =
  | { readonly type: "text"; text: string }
  | { readonly type: "thinking"; text: string; signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown; json: string }
  | { readonly type: "vendor"; readonly block: Record<string, unknown>; json: string }
  | { readonly type: "unknown" };

interface Slot {
  readonly block: OpenBlock;
  closed: boolean;
}

const stopReasons: Readonly<Record<string, LlmTurn["stopReason"]>> = {
  end_turn: "end_turn",
  stop_sequence: "end_turn",
  tool_use: "tool_use",
  max_tokens: "max_tokens",
  model_context_window_exceeded: "max_tokens",
  refusal: "refusal",
};
/** Blocks of tools that the vendor runs by itself, which come and go back in pairs. */
const ownTools = /_tool_(?:use|result)$/u;
/** The block that an answer ends within is left unfinished, and may even so look whole. */
const truncating: ReadonlySet<string> = new Set(["max_tokens", "model_context_window_exceeded"]);

/**
 * Puts a Messages stream together, event by event. Events and deltas that it doesn't know are passed over, as the API's versioning asks:
 * https://platform.claude.com/docs/en/build-with-claude/streaming. Blocks of tools that the vendor runs by itself are kept as they came. A stream whose
 * events can't belong together lost some on the way: transient `stream_cut`.
 */
export class MessageAssembler {
  readonly #emit: (delta: LlmDelta) => void;
  readonly #slots = new Map<number, Slot>();
  #model: string | undefined;
  #stopReason: string | undefined;
  #stopDetail: string | undefined;
  #startUsage: Record<string, unknown> = {};
  #finalUsage: Record<string, unknown> = {};
  #stopped = false;
  #begun = false;
  #received = 0;

  constructor(emit: (delta: LlmDelta) => void) {
    this.#emit = emit;
  }

  /** True once the vendor has ended the message. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * The usage of the call so far; undefined before the message began. A signature holds the whole thinking, encrypted, so that it counts
   * for the part that is not shown.
   */
  spent(): LlmSpent | undefined {
    if (!this.#begun) return undefined;
    const isFinal = this.#stopReason !== undefined && asCount(this.#finalUsage["output_tokens"]) !== undefined;
    const told = usageOf({ ...this.#startUsage, ...known(this.#finalUsage) });
    return { told, isFinal, receivedBytes: this.#received };
  }

  /** Takes one parsed event. */
  accept(event: unknown): void {
    if (!isRecord(event)) return;
    switch (event["type"]) {
      case "message_start":
        this.#start(event["message"]);
        return;
      case "content_block_start":
        this.#open(event["index"], event["content_block"]);
        return;
      case "content_block_delta":
        this.#extend(event["index"], event["delta"]);
        return;
      case "content_block_stop": {
        this.#openSlot(event["index"]).closed = true;
        return;
      }
      case "message_delta":
        if (isRecord(event["delta"])) {
          this.#stopReason = asString(event["delta"]["stop_reason"]) ?? this.#stopReason;
          this.#stopDetail = detailOf(event["delta"]["stop_details"]) ?? this.#stopDetail;
        }
        if (isRecord(event["usage"])) this.#finalUsage = event["usage"];
        return;
      case "message_stop":
        this.#stopped = true;
        return;
      default:
    }
  }

  /** The whole turn. Throws transient `stream_cut` when the vendor never finished it. */
  finish(vendorRequestId: string | undefined): LlmTurn {
    if (!this.#stopped) throw streamCut("no message_stop");
    if (this.#model === undefined || this.#stopReason === undefined) throw streamCut("message_stop without a message");
    const slots = [...this.#slots].toSorted(([a], [b]) => a - b).map(([, slot]) => slot);
    const isCut = truncating.has(this.#stopReason);
    // Nothing of a refused answer is used, so it need not be whole.
    if (!isCut && this.#stopReason !== "refusal" && slots.some((slot) => !slot.closed))
      throw streamCut("message_stop within a block");
    return {
      blocks: slots.flatMap((slot, index) => toBlocks(slot.block, slot.closed, isCut && index === slots.length - 1)),
      stopReason: stopReasons[this.#stopReason] ?? "other",
      ...(this.#stopDetail === undefined ? {} : { stopDetail: this.#stopDetail }),
      usage: this.#usage(),
      model: this.#model,
      vendorRequestId,
    };
  }

  #start(message: unknown): void {
    if (!isRecord(message)) return;
    if (this.#begun) throw streamCut("a second message_start");
    this.#begun = true;
    this.#model = asString(message["model"]);
    if (isRecord(message["usage"])) this.#startUsage = message["usage"];
  }

  #open(index: unknown, block: unknown): void {
    if (typeof index !== "number" || !isRecord(block)) return;
    if (this.#slots.has(index)) throw streamCut("a second block at one index");
    const opened = openBlock(block);
    this.#slots.set(index, { block: opened, closed: false });
    if (opened.type === "tool_use") this.#emit({ type: "tool_use_start", id: opened.id, name: opened.name });
    if ((opened.type === "text" || opened.type === "thinking") && opened.text !== "") {
      this.#emit({ type: opened.type, text: opened.text });
    }
  }

  #extend(index: unknown, delta: unknown): void {
    const { block } = this.#openSlot(index);
    if (!isRecord(delta)) return;
    for (const part of ["text", "thinking", "signature", "partial_json"])
      this.#received += asString(delta[part])?.length ?? 0;
    if (block.type === "text" && delta["type"] === "text_delta") {
      this.#append(block, asString(delta["text"]));
    } else if (block.type === "thinking" && delta["type"] === "thinking_delta") {
      this.#append(block, asString(delta["thinking"]));
    } else if (block.type === "thinking" && delta["type"] === "signature_delta") {
      block.signature += asString(delta["signature"]) ?? "";
    } else if ((block.type === "tool_use" || block.type === "vendor") && delta["type"] === "input_json_delta") {
      block.json += asString(delta["partial_json"]) ?? "";
    }
  }

  #append(block: { readonly type: "text" | "thinking"; text: string }, text = ""): void {
    if (text === "") return;
    block.text += text;
    this.#emit({ type: block.type, text });
  }

  #openSlot(index: unknown): Slot {
    const slot = typeof index === "number" ? this.#slots.get(index) : undefined;
    if (slot === undefined || slot.closed) throw streamCut("an event of a block that is not open");
    return slot;
  }

  /** message_delta repeats the counts of message_start and may correct them; its output count alone is the final one. */
  #usage(): LlmUsage {
    return usageOf({ ...this.#startUsage, output_tokens: undefined, ...known(this.#finalUsage) });
  }
}

/** The counts that are told. */
function known(usage: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null && value !== undefined));
}

/** Counts of a `usage` object as the port wants them; missing, negative or non-numeric ones are undefined. */
export function usageOf(usage: Record<string, unknown>): LlmUsage {
  return {
    inputTokens: asCount(usage["input_tokens"]),
    cacheReadTokens: asCount(usage["cache_read_input_tokens"]),
    cacheWriteTokens: asCount(usage["cache_creation_input_tokens"]),
    outputTokens: asCount(usage["output_tokens"]),
  };
}

function openBlock(block: Record<string, unknown>): OpenBlock {
  switch (block["type"]) {
    case "text":
      return { type: "text", text: asString(block["text"]) ?? "" };
    case "thinking":
      return {
        type: "thinking",
        text: asString(block["thinking"]) ?? "",
        signature: asString(block["signature"]) ?? "",
      };
    case "redacted_thinking":
      return { type: "redacted_thinking", data: asString(block["data"]) ?? "" };
    case "tool_use":
      return {
        type: "tool_use",
        id: asString(block["id"]) ?? "",
        name: asString(block["name"]) ?? "",
        input: block["input"],
        json: "",
      };
    default:
      return ownTools.test(asString(block["type"]) ?? "") ? { type: "vendor", block, json: "" } : { type: "unknown" };
  }
}

/** @param isLast true for the block that the answer was cut at, whether or not it was closed. */
function toBlocks(block: OpenBlock, closed: boolean, isLast: boolean): readonly LlmBlock[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "thinking":
      return [
        {
          type: "thinking",
          text: block.text,
          ...(block.signature === "" || !closed
            ? {}
            : { opaque: { type: "thinking", thinking: block.text, signature: block.signature } }),
        },
      ];
    case "redacted_thinking":
      return closed ? [{ type: "thinking", text: "", opaque: { type: "redacted_thinking", data: block.data } }] : [];
    case "tool_use":
      if (!closed || isLast) return [cutToolUse(block.id, block.name, block.json)];
      // A call without deltas carries its whole input in its start event.
      return block.json === "" && isRecord(block.input)
        ? [{ type: "tool_use", id: block.id, name: block.name, input: block.input }]
        : [toolUseBlock(block.id, block.name, block.json)];
    case "unknown":
      return [];
    case "vendor": {
      const input = block.json === "" ? undefined : parseJson(block.json);
      if (!closed || isLast || (block.json !== "" && input === undefined)) return [];
      return [{ type: "vendor", opaque: input === undefined ? block.block : { ...block.block, input } }];
    }
  }
}

/** The vendor's words for a refusal. https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
function detailOf(details: unknown): string | undefined {
  if (!isRecord(details)) return undefined;
  const parts = [asString(details["category"]), asString(details["explanation"])].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(": ");
}
