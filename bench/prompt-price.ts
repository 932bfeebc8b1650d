import { createHash } from "node:crypto";
import * as z from "zod";

/** Input tokens of one call by how they are billed. */
export interface BilledInput {
  readonly uncached: number;
  readonly read: number;
  readonly written: number;
}

/** A request as it went over the wire. */
export interface SentRequest {
  readonly body: string;
  /** UTC milliseconds. */
  readonly atMs: number;
}

/**
 * The shortest prefix that is cached, in tokens, by model family: 512 since Fable 5 and Opus 5, 1,024 for Sonnet 5; for Haiku that of
 * its last published one. OpenAI's is 1,024.
 */
const minimumTokens = { fable: 512, opus: 512, sonnet: 1024, haiku: 4096, openai: 1024 } as const;
/** Anthropic looks back so many blocks from a cache point, the point's own among them. */
const lookbackBlocks = 20;
const maxCachePoints = 4;
const lifetimeMs = { anthropic: 5 * 60_000, openai: 30 * 60_000 } as const;

const record = z.record(z.string(), z.unknown());
const edit = z.looseObject({
  type: z.literal("clear_tool_uses_20250919"),
  keep: z.looseObject({ type: z.literal("tool_uses"), value: z.int() }),
  exclude_tools: z.array(z.string()).default([]),
});
const anthropicBody = z.looseObject({
  context_management: z.looseObject({ edits: z.array(edit).length(1) }).optional(),
  tools: z.array(record).default([]),
  system: z.array(record).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content: z.array(record) })),
});
const openAiBody = z.looseObject({
  tools: z.array(record).default([]),
  instructions: z.string().default(""),
  input: z.array(record),
});

interface Block {
  /** Of this block and all before it. */
  readonly prefix: string;
  readonly tokens: number;
  readonly point: boolean;
}

/**
 * Anthropic's bill for these calls of one conversation, by its rules alone: a prefix is tools, system, messages; one that ends at
 * a cache point is written; from a point the newest written prefix within 20 blocks is read; entries live for 5 minutes since they
 * were last used. A token is taken as four bytes. Throws when a request has more than four points.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function billAnthropic(
  requests: readonly SentRequest[],
  family: "fable" | "opus" | "sonnet" | "haiku",
): readonly BilledInput[] {
  const cache = new Map<string, number>();
  return requests.map(({ atMs, body }) => {
    const request = anthropicBody.parse(JSON.parse(body));
    const blocks = chained([
      ...request.tools,
      ...request.system,
      ...edited(
        request.messages.flatMap(({ content, role }) => content.map((block) => ({ role, ...block }))),
        request.context_management?.edits[0],
      ),
    ]);
    if (blocks.filter(({ point }) => point).length > maxCachePoints) throw new Error("more than four cache points");
    const live = (prefix: string): boolean => (cache.get(prefix) ?? 0) > atMs;
    let read = 0;
    for (const [index, { point }] of blocks.entries()) {
      if (!point) continue;
      const found = blocks
        .slice(Math.max(0, index + 1 - lookbackBlocks), index + 1)
        .findLast(({ prefix }) => live(prefix));
      if (found === undefined) continue;
      cache.set(found.prefix, atMs + lifetimeMs.anthropic);
      read = Math.max(read, found.tokens);
    }
    let upTo = read;
    for (const { point, prefix, tokens } of blocks) {
      if (!point || tokens < minimumTokens[family]) continue;
      cache.set(prefix, atMs + lifetimeMs.anthropic);
      upTo = Math.max(upTo, tokens);
    }
    return { read, written: upTo - read, uncached: (blocks.at(-1)?.tokens ?? 0) - upTo };
  });
}

/**
 * OpenAI's bill for these requests: each request writes the prefix that ends with it, and reads the longest that was written before.
 * https://developers.openai.com/api/docs/guides/prompt-caching
 */
export function billOpenAi(requests: readonly SentRequest[]): readonly BilledInput[] {
  const cache = new Map<string, number>();
  return requests.map(({ atMs, body }) => {
    const request = openAiBody.parse(JSON.parse(body));
    const blocks = chained([...request.tools, { instructions: request.instructions }, ...request.input]);
    const read = blocks.findLast(({ prefix }) => (cache.get(prefix) ?? 0) > atMs)?.tokens ?? 0;
    const last = blocks.at(-1);
    if (last === undefined || last.tokens < minimumTokens.openai)
      return { uncached: last?.tokens ?? 0, read, written: 0 };
    cache.set(last.prefix, atMs + lifetimeMs.openai);
    return { read, written: last.tokens - read, uncached: 0 };
  });
}

/** The blocks as the model gets them: the vendor puts a short note in the place of old tool results. */
function edited(
  blocks: readonly Readonly<Record<string, unknown>>[],
  clearing: z.infer<typeof edit> | undefined,
): readonly Readonly<Record<string, unknown>>[] {
  if (clearing === undefined) return blocks;
  const uses = blocks.filter((block) => block["type"] === "tool_use");
  const old = uses.slice(0, Math.max(0, uses.length - clearing.keep.value));
  const cleared = new Set(
    old.flatMap((block) => (clearing.exclude_tools.includes(String(block["name"])) ? [] : [block["id"]])),
  );
  return blocks.map((block) =>
    block["type"] === "tool_result" && cleared.has(block["tool_use_id"]) ? { ...block, content: "[cleared]" } : block,
  );
}

function chained(parts: readonly Readonly<Record<string, unknown>>[]): readonly Block[] {
  let prefix = "";
  let bytes = 0;
  return parts.map(({ cache_control: mark, ...part }) => {
    const text = JSON.stringify(part);
    bytes += Buffer.byteLength(text, "utf8");
    prefix = createHash("sha256").update(prefix).update(text).digest("hex");
    return { prefix, tokens: Math.ceil(bytes / 4), point: mark !== undefined && mark !== null };
  });
}
