import type {
  EasyInputMessage,
  FunctionTool,
  ResponseCompactParams,
  ResponseCreateParamsStreaming,
  ResponseInputItem,
  ResponseInputMessageContentList,
  ResponseReasoningItem,
} from "openai/resources/responses/responses";
import { findModel } from "../../../domain/budget/models.ts";
import type { LlmBlock, LlmMessage, LlmRequest, LlmTool } from "../../ports/llm.ts";
import { runKeyOf } from "../llm/call.ts";
import { hasText, isRecord, resultsFirst, toolSchema } from "../llm/values.ts";
import { fitsStrict } from "./strict.ts";

/**
 * The body of a streaming Responses call that keeps nothing at the vendor: the whole history goes along, with the
 * encrypted reasoning of earlier turns. Equal parts of two requests make equal bytes and a longer conversation only
 * appends. https://developers.openai.com/api/docs/guides/conversation-state and /guides/reasoning
 */
export function buildResponsesRequest(request: LlmRequest): ResponseCreateParamsStreaming {
  const reasons = findModel(request.model)?.supportsEffort === true;
  return {
    model: request.model,
    stream: true,
    store: false,
    max_output_tokens: request.maxOutputTokens,
    // 64 characters is the vendor's limit; all calls of a run share it, so that they meet the same cache.
    prompt_cache_key: runKeyOf(request.callId).slice(0, 64),
    ...(reasons
      ? {
          reasoning: { ...(request.effort === undefined ? {} : { effort: request.effort }), summary: "auto" },
          include: ["reasoning.encrypted_content"],
        }
      : {}),
    ...(hasText(request.system) ? { instructions: request.system } : {}),
    ...(request.tools.length > 0
      ? { tools: request.tools.map(toTool), tool_choice: "auto", parallel_tool_calls: true }
      : {}),
    input: request.messages.flatMap(toItems),
  };
}

/**
 * The body of a call that has the vendor summarise the conversation. The vendor keeps nothing: the call has no `store` parameter.
 * https://developers.openai.com/api/docs/guides/compaction
 */
export function buildCompactRequest(request: LlmRequest): ResponseCompactParams {
  return {
    model: request.model,
    prompt_cache_key: runKeyOf(request.callId).slice(0, 64),
    ...(hasText(request.system) ? { instructions: request.system } : {}),
    input: request.messages.flatMap(toItems),
  };
}

function toTool(tool: LlmTool): FunctionTool {
  const parameters = { ...toolSchema(tool.inputSchema), type: "object" };
  // Said in any case: left out, the vendor takes it for true.
  return {
    type: "function",
    name: tool.name,
    description: tool.description,
    parameters,
    strict: fitsStrict(parameters),
  };
}

function toItems(message: LlmMessage): ResponseInputItem[] {
  return message.role === "user" ? toUserItems(message.blocks) : toAssistantItems(message.blocks);
}

function toUserItems(blocks: readonly LlmBlock[]): ResponseInputItem[] {
  const items: ResponseInputItem[] = [];
  const content: ResponseInputMessageContentList = [];
  for (const block of resultsFirst(blocks)) {
    if (block.type === "tool_result") {
      items.push({ type: "function_call_output", call_id: block.toolUseId, output: block.content });
    } else if (block.type === "text" && hasText(block.text)) {
      content.push({ type: "input_text", text: block.text });
    } else if (block.type === "image") {
      content.push({
        type: "input_image",
        image_url: `data:${block.mediaType};base64,${block.base64}`,
        detail: "auto",
      });
    }
  }
  return content.length > 0 ? [...items, { type: "message", role: "user", content }] : items;
}

function toAssistantItems(blocks: readonly LlmBlock[]): ResponseInputItem[] {
  // The vendor requires its label again. Where it gave none, text beside tool calls is comment and text alone the answer.
  const usual = blocks.some((block) => block.type === "tool_use") ? "commentary" : "final_answer";
  const items: ResponseInputItem[] = [];
  for (const block of blocks) {
    if (block.type === "text" && hasText(block.text)) {
      items.push({
        type: "message",
        role: "assistant",
        content: block.text,
        phase: block.phase ?? usual,
      } satisfies EasyInputMessage);
    } else if (block.type === "tool_use") {
      items.push({
        type: "function_call",
        call_id: block.id,
        name: block.name,
        // As the model wrote them: other bytes are another prefix, for the cache and for the model.
        arguments: block.invalidJson ?? block.rawInput ?? JSON.stringify(block.input ?? {}),
      });
    } else if (block.type === "vendor" && isItem(block.opaque)) {
      items.push(block.opaque);
    } else if (block.type === "thinking" && isReasoning(block.opaque)) {
      items.push(block.opaque);
    } else if (block.type === "compaction") {
      items.push(...(isWindow(block.opaque) ? block.opaque : textItems(block.text)));
    }
  }
  // The vendor refuses reasoning that leads to nothing, which a turn cut by its token limit can end with.
  while (items.at(-1)?.type === "reasoning") items.pop();
  return items;
}

/** An item of this vendor's, as it came. */
function isItem(opaque: unknown): opaque is ResponseInputItem {
  return isRecord(opaque) && typeof opaque["type"] === "string";
}

/** The vendor's own list of items, which is the next window as it is. */
function isWindow(opaque: unknown): opaque is ResponseInputItem[] {
  return Array.isArray(opaque) && opaque.some((item) => isRecord(item) && item["type"] === "compaction");
}

function textItems(text: string): ResponseInputItem[] {
  return hasText(text) ? [{ type: "message", role: "assistant", content: text }] : [];
}

/** The vendor's own reasoning item; without its encrypted content it can't be found again, as nothing is stored. */
function isReasoning(opaque: unknown): opaque is ResponseReasoningItem {
  return (
    isRecord(opaque) &&
    opaque["type"] === "reasoning" &&
    typeof opaque["id"] === "string" &&
    Array.isArray(opaque["summary"]) &&
    typeof opaque["encrypted_content"] === "string" &&
    opaque["encrypted_content"] !== ""
  );
}
