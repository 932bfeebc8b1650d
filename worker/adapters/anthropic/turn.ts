import type { LlmBlock, LlmDelta, LlmTurn, LlmUsage } from "../../ports/llm.ts";
import { streamCut } from "../llm/call.ts";
import { asCount, asString, isRecord, toolUseBlock } from "../llm/values.ts";

type OpenBlock =
  | { readonly type: "text"; text: string }
  | { readonly type: "thinking"; text: string; signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown; json: string };

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

/**
 * Puts a Messages stream together, event by event. Events, blocks and deltas that it doesn't know are passed over, as the
 * API's versioning asks: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class MessageAssembler {
  readonly #emit: (delta: LlmDelta) => void;
  readonly #slots = new Map<number, Slot>();
  #model: string | undefined;
  #stopReason: string | undefined;
  #startUsage: Record<string, unknown> = {};
  #finalUsage: Record<string, unknown> = {};
  #stopped = false;

  constructor(emit: (delta: LlmDelta) => void) {
    this.#emit = emit;
  }

  /** True once the vendor has ended the message. */
  get stopped(): boolean {
    return this.#stopped;
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
        const slot = this.#slotAt(event["index"]);
        if (slot !== undefined) slot.closed = true;
        return;
      }
      case "message_delta":
        if (isRecord(event["delta"])) this.#stopReason = asString(event["delta"]["stop_reason"]) ?? this.#stopReason;
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
    if (slots.some((slot) => !slot.closed)) throw streamCut("message_stop within a block");
    return {
      blocks: slots.map((slot) => toBlock(slot.block)),
      stopReason: stopReasons[this.#stopReason] ?? "other",
      usage: this.#usage(),
      model: this.#model,
      vendorRequestId,
    };
  }

  #start(message: unknown): void {
    if (!isRecord(message)) return;
    this.#model = asString(message["model"]);
    if (isRecord(message["usage"])) this.#startUsage = message["usage"];
  }

  #open(index: unknown, block: unknown): void {
    if (typeof index !== "number" || !isRecord(block)) return;
    const opened = openBlock(block);
    if (opened === undefined) return;
    this.#slots.set(index, { block: opened, closed: false });
    if (opened.type === "tool_use") this.#emit({ type: "tool_use_start", id: opened.id, name: opened.name });
    if ((opened.type === "text" || opened.type === "thinking") && opened.text !== "") {
      this.#emit({ type: opened.type, text: opened.text });
    }
  }

  #extend(index: unknown, delta: unknown): void {
    const block = this.#slotAt(index)?.block;
    if (block === undefined || !isRecord(delta)) return;
    if (block.type === "text" && delta["type"] === "text_delta") {
      this.#append(block, asString(delta["text"]));
    } else if (block.type === "thinking" && delta["type"] === "thinking_delta") {
      this.#append(block, asString(delta["thinking"]));
    } else if (block.type === "thinking" && delta["type"] === "signature_delta") {
      block.signature += asString(delta["signature"]) ?? "";
    } else if (block.type === "tool_use" && delta["type"] === "input_json_delta") {
      block.json += asString(delta["partial_json"]) ?? "";
    }
  }

  #append(block: { readonly type: "text" | "thinking"; text: string }, text = ""): void {
    if (text === "") return;
    block.text += text;
    this.#emit({ type: block.type, text });
  }

  #slotAt(index: unknown): Slot | undefined {
    return typeof index === "number" ? this.#slots.get(index) : undefined;
  }

  /** message_delta repeats the counts of message_start and may correct them; its output count alone is the final one. */
  #usage(): LlmUsage {
    const merged: Record<string, unknown> = { ...this.#startUsage, output_tokens: undefined };
    for (const [name, value] of Object.entries(this.#finalUsage)) merged[name] = value ?? merged[name];
    return usageOf(merged);
  }
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

function openBlock(block: Record<string, unknown>): OpenBlock | undefined {
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
    case "tool_use": {
      const id = asString(block["id"]);
      const name = asString(block["name"]);
      return id === undefined || name === undefined
        ? undefined
        : { type: "tool_use", id, name, input: block["input"], json: "" };
    }
    default:
      return undefined;
  }
}

function toBlock(block: OpenBlock): LlmBlock {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "thinking":
      return {
        type: "thinking",
        text: block.text,
        ...(block.signature === ""
          ? {}
          : { opaque: { type: "thinking", thinking: block.text, signature: block.signature } }),
      };
    case "redacted_thinking":
      return { type: "thinking", text: "", opaque: { type: "redacted_thinking", data: block.data } };
    case "tool_use":
      // A call without deltas carries its whole input in its start event.
      return block.json === "" && isRecord(block.input)
        ? { type: "tool_use", id: block.id, name: block.name, input: block.input }
        : toolUseBlock(block.id, block.name, block.json);
  }
}
