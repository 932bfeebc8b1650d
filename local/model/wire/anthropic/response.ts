import { randomBytes } from "node:crypto";
import type Anthropic from "@anthropic-ai/sdk";
import type { Answer, Conversation } from "../conversation.ts";
import { packMemory } from "../memory.ts";
import type { PromptUsage } from "../prompt-cache.ts";
import { splitDeltas } from "../sse.ts";
import type { SseEvent } from "../sse.ts";

interface Finished {
  readonly model: string;
  readonly answer: Answer;
  readonly truncated: boolean;
  readonly prompt: PromptUsage;
  readonly outputTokens: number;
}

type AnswerBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly json: string };

/** The whole answer as a Message object: https://platform.claude.com/docs/en/api/messages */
export function messageBody(finished: Finished): Anthropic.Message {
  const message = emptyMessage(finished);
  message.content = answerBlocks(finished.answer).map((block): Anthropic.ContentBlock => {
    if (block.type === "text") return { type: "text", text: block.text, citations: null };
    return {
      type: "tool_use",
      id: block.id,
      name: block.name,
      input: parsedOrRaw(block.json),
      caller: { type: "direct" },
    };
  });
  message.stop_reason = stopReason(finished);
  message.stop_details = stopDetails(finished);
  message.usage.output_tokens = finished.outputTokens;
  return message;
}

/**
 * The answer to a compaction request: the summary alone. Its tokens are counted by step, as
 * https://platform.claude.com/docs/en/build-with-claude/compaction-threshold describes them.
 */
export function compactionBody(summary: {
  readonly model: string;
  readonly conversation: Conversation;
  readonly summary: string;
  readonly prompt: PromptUsage;
  readonly outputTokens: number;
}): object {
  const { prompt } = summary;
  const none = { uncachedTokens: 0, readTokens: 0, writtenTokens: 0 };
  const message = emptyMessage({ ...summary, answer: { text: "", calls: [] }, truncated: false, prompt: none });
  const block: Anthropic.Beta.BetaCompactionBlock = {
    type: "compaction",
    content: summary.summary,
    encrypted_content: null,
    signature: packMemory(summary.summary, summary.conversation.messages),
    tool_changes: [],
  };
  const step: Anthropic.Beta.BetaCompactionIterationUsage = {
    type: "compaction",
    input_tokens: prompt.uncachedTokens,
    cache_creation_input_tokens: prompt.writtenTokens,
    cache_read_input_tokens: prompt.readTokens,
    cache_creation: { ephemeral_5m_input_tokens: prompt.writtenTokens, ephemeral_1h_input_tokens: 0 },
    output_tokens: summary.outputTokens,
  };
  return {
    ...message,
    content: [block],
    stop_reason: "compaction",
    usage: { ...message.usage, output_tokens: 0, iterations: [step] },
  };
}

/** The same answer as the event stream of https://platform.claude.com/docs/en/build-with-claude/streaming */
export function messageEvents(finished: Finished): readonly SseEvent[] {
  const message = emptyMessage(finished);
  const events: SseEvent[] = [named({ type: "message_start", message }), { event: "ping", data: { type: "ping" } }];
  for (const [index, block] of answerBlocks(finished.answer).entries()) {
    if (block.type === "text") {
      events.push(
        named({ type: "content_block_start", index, content_block: { type: "text", text: "", citations: null } }),
      );
      for (const text of splitDeltas(block.text)) {
        events.push({
          ...named({ type: "content_block_delta", index, delta: { type: "text_delta", text } }),
          pauseBefore: true,
        });
      }
    } else {
      events.push(
        named({
          type: "content_block_start",
          index,
          content_block: { type: "tool_use", id: block.id, name: block.name, input: {}, caller: { type: "direct" } },
        }),
      );
      for (const partial_json of ["", ...splitDeltas(block.json)]) {
        events.push({
          ...named({ type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json } }),
          pauseBefore: true,
        });
      }
    }
    events.push(named({ type: "content_block_stop", index }));
  }
  events.push(
    named({
      type: "message_delta",
      delta: {
        stop_reason: stopReason(finished),
        stop_sequence: null,
        stop_details: stopDetails(finished),
        container: null,
      },
      usage: {
        input_tokens: finished.prompt.uncachedTokens,
        cache_creation_input_tokens: finished.prompt.writtenTokens,
        cache_read_input_tokens: finished.prompt.readTokens,
        output_tokens: finished.outputTokens,
        output_tokens_details: null,
        server_tool_use: null,
      },
    }),
    named({ type: "message_stop" }),
  );
  return events;
}

function emptyMessage(finished: Finished): Anthropic.Message {
  return {
    id: `msg_${randomBytes(12).toString("hex")}`,
    type: "message",
    role: "assistant",
    model: finished.model,
    content: [],
    container: null,
    diagnostics: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: {
      input_tokens: finished.prompt.uncachedTokens,
      cache_creation_input_tokens: finished.prompt.writtenTokens,
      cache_read_input_tokens: finished.prompt.readTokens,
      cache_creation: { ephemeral_5m_input_tokens: finished.prompt.writtenTokens, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: null,
      inference_geo: null,
      server_tool_use: null,
      service_tier: "standard",
      speed: null,
    },
  };
}

function answerBlocks(answer: Answer): readonly AnswerBlock[] {
  const blocks: AnswerBlock[] = answer.text === "" ? [] : [{ type: "text", text: answer.text }];
  for (const call of answer.calls) {
    const id = `toolu_${randomBytes(12).toString("hex")}`;
    blocks.push({ type: "tool_use", id, name: call.name, json: call.rawInput ?? JSON.stringify(call.input) });
  }
  return blocks;
}

function stopReason(finished: Finished): Anthropic.StopReason {
  if (finished.truncated) return "max_tokens";
  if (finished.answer.ending === "refusal") return "refusal";
  return finished.answer.calls.length > 0 ? "tool_use" : "end_turn";
}

function stopDetails({ answer }: Finished): Anthropic.RefusalStopDetails | null {
  if (answer.ending !== "refusal") return null;
  return { type: "refusal", category: "cyber", explanation: "The local model was told to refuse." };
}

/** Only a faked fault has input that does not parse; without a stream it can only be shown as the raw text. */
function parsedOrRaw(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function named(data: Anthropic.RawMessageStreamEvent): SseEvent {
  return { event: data.type, data };
}
