import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  RedactedThinkingBlockParam,
  TextBlockParam,
  ThinkingBlockParam,
  Tool,
} from "@anthropic-ai/sdk/resources/messages";
import { findModel } from "../../../domain/budget/models.ts";
import type { LlmBlock, LlmMessage, LlmRequest, LlmTool } from "../../ports/llm.ts";
import { hasText, isRecord, resultsFirst, toolSchema } from "../llm/values.ts";

/**
 * The body of a streaming Messages call. Equal parts of two requests make equal bytes, and a longer conversation only
 * appends: newer Claude models drop or refuse thinking blocks when anything before them has changed.
 * https://platform.claude.com/docs/en/api/messages and https://platform.claude.com/docs/build-with-claude/preserved-thinking
 */
export function buildMessagesRequest(request: LlmRequest): MessageCreateParamsStreaming {
  const reasons = findModel(request.model)?.supportsEffort === true;
  return {
    model: request.model,
    max_tokens: request.maxOutputTokens,
    stream: true,
    metadata: { user_id: request.callId },
    // Without `display`, what these models say between tool calls comes back as thinking blocks of no text.
    ...(reasons ? { thinking: { type: "adaptive", display: "summarized" } } : {}),
    ...(reasons && request.effort !== undefined ? { output_config: { effort: request.effort } } : {}),
    ...(request.tools.length > 0 ? { tools: request.tools.map(toTool) } : {}),
    ...(hasText(request.system)
      ? { system: [{ type: "text", text: request.system, cache_control: { type: "ephemeral" } }] }
      : {}),
    messages: withCachePoints(toMessages(request.messages)),
  };
}

function toTool(tool: LlmTool): Tool {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: { ...toolSchema(tool.inputSchema), type: "object" },
  };
}

function toMessages(messages: readonly LlmMessage[]): MessageParam[] {
  const params: MessageParam[] = [];
  for (const message of messages) {
    const content =
      message.role === "user"
        ? resultsFirst(message.blocks).flatMap(toUserBlock)
        : message.blocks.flatMap(toAssistantBlock);
    if (content.length > 0) params.push({ role: message.role, content });
  }
  return params;
}

function toUserBlock(block: LlmBlock): ContentBlockParam[] {
  switch (block.type) {
    case "text":
      return toText(block.text);
    case "image":
      return [{ type: "image", source: { type: "base64", media_type: block.mediaType, data: block.base64 } }];
    case "tool_result":
      return [
        {
          type: "tool_result",
          tool_use_id: block.toolUseId,
          ...(hasText(block.content) ? { content: block.content } : {}),
          ...(block.isError ? { is_error: true } : {}),
        },
      ];
    default:
      return [];
  }
}

function toAssistantBlock(block: LlmBlock): ContentBlockParam[] {
  switch (block.type) {
    case "text":
      return toText(block.text);
    case "thinking":
      return toThinking(block.opaque);
    case "tool_use":
      // The API takes an object alone here; what else the model wrote is in the tool's answer.
      return [{ type: "tool_use", id: block.id, name: block.name, input: isRecord(block.input) ? block.input : {} }];
    default:
      return [];
  }
}

function toText(text: string): TextBlockParam[] {
  return hasText(text) ? [{ type: "text", text }] : [];
}

/** The vendor's block as it came; another vendor's, or one without its signature, stays out. */
function toThinking(opaque: unknown): (ThinkingBlockParam | RedactedThinkingBlockParam)[] {
  if (!isRecord(opaque)) return [];
  const { type, thinking, signature, data } = opaque;
  if (type === "thinking" && typeof thinking === "string" && typeof signature === "string" && signature !== "") {
    return [{ type, thinking, signature }];
  }
  return type === "redacted_thinking" && typeof data === "string" ? [{ type, data }] : [];
}

/**
 * Marks the last two user messages. The newest point is where the next call reads from; the one before keeps this call's
 * read within the vendor's look-back of 20 blocks however many tools ran in between. With the system's point that makes
 * three of the four allowed. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
function withCachePoints(messages: MessageParam[]): MessageParam[] {
  let left = 2;
  for (let index = messages.length - 1; index >= 0 && left > 0; index -= 1) {
    const message = messages[index];
    if (message?.role !== "user" || typeof message.content === "string") continue;
    const last = message.content.at(-1);
    if (last?.type === "text" || last?.type === "image" || last?.type === "tool_result") {
      last.cache_control = { type: "ephemeral" };
      left -= 1;
    }
  }
  return messages;
}
