import * as z from "zod";
import type { Block, Conversation, Message } from "../conversation.ts";
import { mergeMessages } from "../conversation.ts";
import { WireError } from "../errors.ts";
import { checkBetas, clearToolResults, contextManagement, recalled } from "./context.ts";
import { checkImage } from "../images.ts";
import type { PromptPiece } from "../prompt-cache.ts";
import { parseBody } from "../schema.ts";
import { checkToolPairs } from "./tool-pairs.ts";

/** A validated `POST /v1/messages`. */
export interface MessagesRequest {
  readonly model: string;
  readonly maxOutputTokens: number;
  readonly stream: boolean;
  readonly conversation: Conversation;
  /** The caller wants a summary in the place of an answer. */
  readonly compaction: boolean;
  readonly promptPieces: readonly PromptPiece[];
}

const cacheControl = z.looseObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() }).nullish();
const textBlock = z.looseObject({
  type: z.literal("text"),
  text: z.string().min(1, "text content blocks must be non-empty"),
  cache_control: cacheControl,
});
const imageBlock = z.looseObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("base64"), media_type: z.string(), data: z.string() }),
    z.looseObject({ type: z.literal("url"), url: z.url() }),
    z.looseObject({ type: z.literal("file"), file_id: z.string() }),
  ]),
  cache_control: cacheControl,
});
const toolUseBlock = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
});
const toolResultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [textBlock, imageBlock]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});
const thinkingBlock = z.looseObject({ type: z.enum(["thinking", "redacted_thinking"]) });
const compactionBlock = z.looseObject({
  type: z.literal("compaction"),
  content: z.string().min(1),
  signature: z.string(),
  cache_control: cacheControl,
});
const contentBlock = z.discriminatedUnion("type", [
  compactionBlock,
  textBlock,
  imageBlock,
  toolUseBlock,
  toolResultBlock,
  thinkingBlock,
]);

const requestSchema = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["user", "assistant", "system"]),
        content: z.union([z.string().min(1, "text content must be non-empty"), z.array(contentBlock).min(1)]),
      }),
    )
    .min(1, "at least one message is required"),
  tools: z
    .array(
      z.looseObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
        input_schema: z.looseObject({ type: z.literal("object") }),
        cache_control: cacheControl,
      }),
    )
    .optional(),
  tool_choice: z.looseObject({ type: z.enum(["auto", "any", "tool", "none"]) }).optional(),
  cache_control: cacheControl,
  compaction: z.looseObject({ type: z.literal("summarize"), instructions: z.string().nullish() }).nullish(),
  context_management: contextManagement.nullish(),
});

type ContentBlock = z.infer<typeof contentBlock>;
type CacheControl = z.infer<typeof cacheControl>;

/**
 * Checks and translates the body of `POST /v1/messages` (https://platform.claude.com/docs/en/api/messages/create).
 * `betas` is the `anthropic-beta` header. Throws WireError 400 with the path of the first thing that is wrong.
 */
export function parseMessagesRequest(body: unknown, betas = ""): MessagesRequest {
  const request = parseBody(requestSchema, body);
  const turns = request.messages.map((message) => ({
    role: message.role,
    blocks: typeof message.content === "string" ? [{ type: "text" as const, text: message.content }] : message.content,
  }));
  checkBetas(request, turns, betas);
  const memory = recalled(turns);
  if (turns.at(0)?.role === "assistant" && memory === undefined) {
    throw new WireError(400, "bad_request", 'messages: first message must use the "user" role');
  }
  checkToolPairs(turns);
  const names = (request.tools ?? []).map((tool) => tool.name);
  if (new Set(names).size !== names.length)
    throw new WireError(400, "bad_request", "tools: Tool names must be unique.");

  const promptPieces: PromptPiece[] = [];
  for (const tool of request.tools ?? []) promptPieces.push(piece(tool));
  const systemBlocks =
    typeof request.system === "string" ? [{ type: "text", text: request.system }] : (request.system ?? []);
  for (const block of systemBlocks) promptPieces.push(piece(block));
  for (const [at, turn] of clearToolResults(turns, request.context_management).entries())
    for (const [index, block] of turn.blocks.entries())
      promptPieces.push(piece(counted(block, `messages.${at}.content.${index}`), turn.role));
  const last = promptPieces.pop();
  if (last) promptPieces.push(request.cache_control ? { cacheForMs: keepMs(request.cache_control), ...last } : last);
  if (promptPieces.filter((part) => part.cacheForMs !== undefined).length > 4) {
    throw new WireError(400, "bad_request", "A maximum of 4 blocks with cache_control may be provided.");
  }

  return {
    model: request.model,
    maxOutputTokens: request.max_tokens,
    stream: request.stream ?? false,
    compaction: request.compaction?.type === "summarize",
    promptPieces,
    conversation: {
      system: systemBlocks.map((block) => block.text).join("\n\n"),
      messages: mergeMessages(
        // A summary is no answer of its own.
        memory === undefined ? turns.map(translateTurn) : [...memory, ...turns.slice(1).map(translateTurn)],
      ),
      tools: request.tool_choice?.type === "none" ? [] : names,
    },
  };
}

function translateTurn(turn: { role: "user" | "assistant" | "system"; blocks: readonly ContentBlock[] }): Message {
  return { role: turn.role === "assistant" ? "assistant" : "user", blocks: turn.blocks.flatMap(translateBlock) };
}

function translateBlock(block: ContentBlock): readonly Block[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "image":
      return [{ type: "image" }];
    case "tool_use":
      return [{ type: "tool_use", id: block.id, name: block.name, input: block.input }];
    case "tool_result":
      return [
        {
          type: "tool_result",
          toolUseId: block.tool_use_id,
          content: resultText(block.content),
          isError: block.is_error ?? false,
        },
      ];
    default:
      return [];
  }
}

function resultText(content: z.infer<typeof toolResultBlock>["content"]): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

/** A block as it is counted: an image by its size in pixels, not by its bytes. */
function counted(block: ContentBlock, path: string): ContentBlock {
  if (block.type !== "image" || block.source.type !== "base64") return block;
  const { data, media_type: mediaType } = block.source;
  const text = checkImage(mediaType, data, `${path}.image.source.base64`);
  return { ...block, source: { ...block.source, data: text } };
}

function piece(part: object & { cache_control?: CacheControl; signature?: unknown }, role = ""): PromptPiece {
  const { cache_control: mark, signature: _opaque, ...rest } = part;
  const text = role + JSON.stringify(rest);
  return mark ? { text, cacheForMs: keepMs(mark) } : { text };
}

function keepMs(mark: NonNullable<CacheControl>): number {
  return mark.ttl === "1h" ? 60 * 60_000 : 5 * 60_000;
}
