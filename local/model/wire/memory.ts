import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import * as z from "zod";
import type { Message } from "./conversation.ts";

const block = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image") }),
  z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.unknown() }),
  z.object({ type: z.literal("tool_result"), toolUseId: z.string(), content: z.string(), isError: z.boolean() }),
]);
const packed = z.object({
  summaryHash: z.string(),
  messages: z.array(z.object({ role: z.enum(["user", "assistant"]), blocks: z.array(block) })),
});

/** A conversation that the caller must replace with a summary. */
export interface Memory {
  readonly summaryHash: string;
  readonly messages: readonly Message[];
}

/**
 * Packs a conversation for the vendor's signature or encrypted content. No model could continue from a summary, so the agent continues
 * from the messages themselves. They travel with the caller, since this server stores nothing.
 */
export function packMemory(summary: string, messages: readonly Message[]): string {
  return deflateRawSync(JSON.stringify({ summaryHash: hashOf(summary), messages })).toString("base64url");
}

/** The packed conversation, or undefined when the text is none of ours. */
export function unpackMemory(text: string): Memory | undefined {
  try {
    const parsed = packed.safeParse(JSON.parse(inflateRawSync(Buffer.from(text, "base64url")).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** True when this is the summary that the conversation was packed with. */
export function isSummaryOf(memory: Memory, summary: string): boolean {
  return memory.summaryHash === hashOf(summary);
}

/** The offline agent's summary of a conversation: its number of messages and the tools used. */
export function summaryOf(messages: readonly Message[]): string {
  const uses = new Map<string, number>();
  for (const { blocks } of messages)
    for (const each of blocks) if (each.type === "tool_use") uses.set(each.name, (uses.get(each.name) ?? 0) + 1);
  const tools = [...uses].map(([name, count]) => `${name} ${count} times`).join(", ");
  return `Summary by the offline demo agent, no model: ${messages.length} messages; tools used: ${tools === "" ? "none" : tools}.`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
