import type {
  BetaCompactionBlockParam,
  BetaContentBlockParam,
  BetaContextManagementConfig,
  BetaMessageParam,
  BetaRedactedThinkingBlockParam,
  BetaTextBlockParam,
  BetaThinkingBlockParam,
  BetaTool,
  MessageCreateParamsNonStreaming,
  MessageCreateParamsStreaming,
} from "@anthropic-ai/sdk/resources/beta/messages";
import { pinnedTool } from "../../../domain/run/compaction.ts";
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
    ...(request.clearedToolResults === undefined
      ? {}
      : { context_management: clearing(request.messages, request.clearedToolResults) }),
    messages: withCachePoints(toMessages(request.messages)),
  };
}

/**
 * The body of a call that has the vendor summarise the messages. Its prefix is that of the turns, so it is read from the cache.
 * https://platform.claude.com/docs/en/build-with-claude/compaction-on-demand
 */
export function buildCompactionRequest(request: LlmRequest): MessageCreateParamsNonStreaming {
  const { clearedToolResults: _never, ...whole } = request;
  return { ...buildMessagesRequest(whole), stream: false, compaction: { type: "summarize" } };
}

/** The beta features that a body uses, for the `anthropic-beta` header. https://platform.claude.com/docs/en/api/beta-headers */
export function betasOf(body: MessageCreateParamsStreaming | MessageCreateParamsNonStreaming): readonly string[] {
  const first = body.messages[0]?.content;
  const summarised = Array.isArray(first) && first.some(({ type }) => type === "compaction");
  return [
    ...(summarised || "compaction" in body ? ["compact-2026-09-04"] : []),
    ...("context_management" in body ? ["context-management-2025-06-27"] : []),
  ];
}

/**
 * The vendor's own clearing of old tool results, at a boundary that stays where it is: `keep` counts from the end, so it grows with
 * the conversation. A boundary that moved with every turn would make the cache miss every turn.
 * https://platform.claude.com/docs/en/build-with-claude/context-editing
 */
function clearing(messages: readonly LlmMessage[], cleared: number): BetaContextManagementConfig {
  const uses = messages.reduce(
    (sum, { blocks }) => sum + blocks.filter((block) => block.type === "tool_use").length,
    0,
  );
  return {
    edits: [
      {
        type: "clear_tool_uses_20250919",
        trigger: { type: "tool_uses", value: Math.max(1, cleared) },
        keep: { type: "tool_uses", value: Math.max(0, uses - cleared) },
        exclude_tools: [pinnedTool],
      },
    ],
  };
}

function toTool(tool: LlmTool): BetaTool {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: { ...toolSchema(tool.inputSchema), type: "object" },
  };
}

function toMessages(messages: readonly LlmMessage[]): BetaMessageParam[] {
  const params: BetaMessageParam[] = [];
  for (const message of messages) {
    const content =
      message.role === "user"
        ? resultsFirst(message.blocks).flatMap(toUserBlock)
        : message.blocks.flatMap((block, index) => toAssistantBlock(block, message.blocks.slice(index + 1)));
    if (content.length > 0) params.push({ role: message.role, content });
  }
  return params;
}

function toUserBlock(block: LlmBlock): BetaContentBlockParam[] {
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

function toAssistantBlock(block: LlmBlock, later: readonly LlmBlock[]): BetaContentBlockParam[] {
  switch (block.type) {
    case "text":
      // Thinking is bound to all that came before it, white space too. Elsewhere the API refuses text of nothing but that.
      return block.text !== "" && later.some(({ type }) => type === "thinking")
        ? [{ type: "text", text: block.text }]
        : toText(block.text);
    case "thinking":
      return toThinking(block.opaque);
    case "vendor":
      return isContentBlock(block.opaque) ? [block.opaque] : [];
    case "compaction":
      return isSummary(block.opaque) ? [block.opaque] : toText(block.text);
    case "tool_use":
      // The API takes an object alone here; what else the model wrote is in the tool's answer.
      return [{ type: "tool_use", id: block.id, name: block.name, input: isRecord(block.input) ? block.input : {} }];
    default:
      return [];
  }
}

function toText(text: string): BetaTextBlockParam[] {
  return hasText(text) ? [{ type: "text", text }] : [];
}

/** The vendor's block as it came; another vendor's, or one without its signature, stays out. */
function toThinking(opaque: unknown): (BetaThinkingBlockParam | BetaRedactedThinkingBlockParam)[] {
  if (!isRecord(opaque)) return [];
  const { type, thinking, signature, data } = opaque;
  if (type === "thinking" && typeof thinking === "string" && typeof signature === "string" && signature !== "") {
    return [{ type, thinking, signature }];
  }
  return type === "redacted_thinking" && typeof data === "string" ? [{ type, data }] : [];
}

/** A block of this vendor's, as it came: the other vendor's items have an `id` and no place here. */
function isContentBlock(opaque: unknown): opaque is BetaContentBlockParam {
  return isRecord(opaque) && typeof opaque["type"] === "string" && opaque["type"] !== "text";
}

/** The vendor's own block, which must be sent back unchanged. */
function isSummary(opaque: unknown): opaque is BetaCompactionBlockParam {
  return isRecord(opaque) && opaque["type"] === "compaction" && typeof opaque["content"] === "string";
}

/**
 * Marks the last two user messages. The newest point is where the next call reads from; the one before keeps this call's
 * read within the vendor's look-back of 20 blocks however many tools ran in between. With the system's point that makes
 * three of the four allowed. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
function withCachePoints(messages: BetaMessageParam[]): BetaMessageParam[] {
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
