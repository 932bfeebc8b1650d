import * as z from "zod";
import type { Block, Conversation, Message } from "../conversation.ts";
import { mergeMessages } from "../conversation.ts";
import { WireError } from "../errors.ts";
import { unpackMemory } from "../memory.ts";
import { checkImage } from "../images.ts";
import { parseBody } from "../schema.ts";

/** A validated `POST /v1/responses`. */
export interface ResponsesRequest {
  readonly model: string;
  readonly maxOutputTokens: number | null;
  readonly stream: boolean;
  readonly instructions: string | null;
  readonly parallelToolCalls: boolean;
  readonly store: boolean;
  readonly metadata: Record<string, string>;
  readonly conversation: Conversation;
  /** The user messages as they came in. */
  readonly userItems: readonly object[];
  /** Canonical text of the whole prompt, in the order in which prefixes are cached. */
  readonly promptText: string;
}

const contentPart = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["input_text", "output_text"]), text: z.string() }),
  z.looseObject({
    type: z.literal("input_image"),
    image_url: z.string().nullish(),
    file_id: z.string().nullish(),
    detail: z.enum(["low", "high", "auto", "original"]).nullish(),
  }),
  z.looseObject({ type: z.literal("refusal"), refusal: z.string() }),
]);
const messageItem = z.looseObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([z.string(), z.array(contentPart)]),
});
const callItem = z.looseObject({
  type: z.literal("function_call"),
  call_id: z.string().min(1),
  name: z.string().min(1),
  arguments: z.string(),
});
const outputItem = z.looseObject({
  type: z.literal("function_call_output"),
  call_id: z.string().min(1),
  output: z.union([z.string(), z.array(contentPart)]),
});
const reasoningItem = z.looseObject({ type: z.literal("reasoning") });
const compactionItem = z.looseObject({ type: z.literal("compaction"), encrypted_content: z.string().min(1) });
const inputItem = z.union([callItem, outputItem, reasoningItem, compactionItem, messageItem]);

const requestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(inputItem).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().min(1).max(128).optional() })).nullish(),
  tool_choice: z.unknown().optional(),
});

/**
 * Checks and translates the body of `POST /v1/responses` (https://developers.openai.com/api/reference/resources/responses).
 * Throws WireError 400 with `param` set to the first thing that is wrong. Nothing is stored between requests, so
 * `previous_response_id` is refused as unknown.
 */
export function parseResponsesRequest(body: unknown): ResponsesRequest {
  const request = parseBody(requestSchema, body);
  if (typeof request.previous_response_id === "string") {
    throw new WireError(400, "bad_request", `Previous response with id '${request.previous_response_id}' not found.`, {
      param: "previous_response_id",
    });
  }
  const items = typeof request.input === "string" ? [{ role: "user" as const, content: request.input }] : request.input;
  checkCallPairs(items);
  const instructions = request.instructions ?? null;
  const system = [instructions ?? "", ...items.flatMap((item) => (isSystem(item) ? [partsText(item.content)] : []))];
  const names = (request.tools ?? []).flatMap((tool) =>
    tool.type === "function" && tool.name !== undefined ? [tool.name] : [],
  );
  return {
    model: request.model,
    maxOutputTokens: request.max_output_tokens ?? null,
    stream: request.stream ?? false,
    instructions,
    parallelToolCalls: request.parallel_tool_calls ?? true,
    store: request.store ?? true,
    metadata: request.metadata ?? {},
    userItems: items.filter((item) => "role" in item && item.role === "user"),
    promptText:
      JSON.stringify(request.tools ?? []) +
      JSON.stringify(instructions) +
      JSON.stringify(items.map(counted), withoutMemory),
    conversation: {
      system: system.filter((text) => text !== "").join("\n\n"),
      messages: mergeMessages(recalled(items.filter((item) => !isSystem(item)))),
      tools: request.tool_choice === "none" ? [] : names,
    },
  };
}

type InputItem = z.infer<typeof inputItem>;

function isSystem(item: InputItem): item is z.infer<typeof messageItem> {
  return "role" in item && (item.role === "system" || item.role === "developer");
}

/** The messages of a window: what a compaction item stands for, which has the user messages before it in it, then what came after. */
function recalled(items: readonly InputItem[]): readonly Message[] {
  const at = items.findLastIndex((item) => item.type === "compaction");
  const item = items[at];
  if (item?.type !== "compaction") return items.flatMap(translateItem);
  const memory = unpackMemory(String(item["encrypted_content"]));
  if (memory === undefined)
    throw new WireError(400, "bad_request", "The encrypted content could not be verified.", { param: "input" });
  return [...memory.messages, ...items.slice(at + 1).flatMap(translateItem)];
}

/** Blanks encrypted content, which a model does not read. */
function withoutMemory(key: string, value: unknown): unknown {
  return key === "encrypted_content" ? "" : value;
}

function translateItem(item: InputItem): readonly Message[] {
  switch (item.type) {
    case "function_call":
      return [
        {
          role: "assistant",
          blocks: [{ type: "tool_use", id: item.call_id, name: item.name, input: parsed(item.arguments) }],
        },
      ];
    case "function_call_output":
      return [{ role: "user", blocks: [outputBlock(item)] }];
    case "reasoning":
    case "compaction":
      return [];
    default: {
      const role = item.role === "assistant" ? "assistant" : "user";
      const images = typeof item.content === "string" ? [] : item.content.filter((part) => part.type === "input_image");
      return [
        {
          role,
          blocks: [...images.map(() => ({ type: "image" as const })), { type: "text", text: partsText(item.content) }],
        },
      ];
    }
  }
}

/**
 * The Responses wire has no error flag on a tool's output, so a failed call is known by its words alone. Commands say
 * `exit code:` first and files are shown with line numbers, so no output of a call that worked begins like this.
 */
const failureWords =
  /^(?:error\b|not run:|there is no |no such |unknown tool|the input of |old_string |the file has \d+ lines\.|this is a binary|the path leads|the sandbox |\S+ is not a (?:file|tool))/iu;

function outputBlock(item: z.infer<typeof outputItem>): Block {
  const content = partsText(item.output);
  return { type: "tool_result", toolUseId: item.call_id, content, isError: failureWords.test(content) };
}

/** An item as it is counted: an image by its size in pixels, not by its bytes. */
function counted(item: InputItem, at: number): InputItem {
  if (item.type !== undefined && item.type !== "message") return item;
  if (!("content" in item) || typeof item.content === "string") return item;
  const content = item.content.map((part, index) => countedPart(part, `input[${at}].content[${index}].image_url`));
  return { ...item, content };
}

function countedPart(part: z.infer<typeof contentPart>, path: string): z.infer<typeof contentPart> {
  if (part.type !== "input_image") return part;
  const { file_id: fileId, image_url: url } = part;
  if (typeof url !== "string") {
    if (typeof fileId === "string") return part;
    throw new WireError(400, "bad_request", `Missing required parameter: '${path}'.`, { param: path });
  }
  const [, mediaType, base64] = /^data:([^;,]*);base64,(.*)$/su.exec(url) ?? [];
  if (mediaType !== undefined && base64 !== undefined)
    return { ...part, image_url: checkImage(mediaType, base64, path) };
  if (/^https?:/u.test(url)) return part;
  throw new WireError(400, "bad_request", `Invalid '${path}'. Expected a valid URL.`, { param: path });
}

function partsText(content: string | readonly z.infer<typeof contentPart>[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => ("text" in part && typeof part.text === "string" ? part.text : "")).join("\n");
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function checkCallPairs(items: readonly InputItem[]): void {
  const calls = new Set(items.flatMap((item) => (item.type === "function_call" ? [item.call_id] : [])));
  const outputs = new Set(items.flatMap((item) => (item.type === "function_call_output" ? [item.call_id] : [])));
  for (const id of outputs) {
    if (!calls.has(id))
      throw new WireError(400, "bad_request", `No tool call found for function call output with call_id ${id}.`, {
        param: "input",
      });
  }
  for (const id of calls) {
    if (!outputs.has(id))
      throw new WireError(400, "bad_request", `No tool output found for function call ${id}.`, { param: "input" });
  }
}
