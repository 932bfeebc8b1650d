import * as z from "zod";
import type { Message } from "../conversation.ts";
import { WireError } from "../errors.ts";
import { isSummaryOf, unpackMemory } from "../memory.ts";

const toolUses = z.looseObject({ type: z.literal("tool_uses"), value: z.int().min(0) });
const inputTokens = z.looseObject({ type: z.literal("input_tokens"), value: z.int().min(0) });

/** `context_management`: https://platform.claude.com/docs/en/build-with-claude/context-editing */
export const contextManagement = z.looseObject({
  edits: z
    .array(
      z.looseObject({
        type: z.literal("clear_tool_uses_20250919"),
        keep: toolUses.optional(),
        trigger: z.union([toolUses, inputTokens]).optional(),
        exclude_tools: z.array(z.string()).nullish(),
      }),
    )
    .optional(),
});

interface WireBlock {
  readonly type: string;
  readonly id?: unknown;
  readonly name?: unknown;
  readonly tool_use_id?: unknown;
  readonly content?: unknown;
  readonly signature?: unknown;
}
interface Turn<B extends WireBlock> {
  readonly role: "user" | "assistant" | "system";
  readonly blocks: readonly B[];
}

/** Refuses beta features without their header, and a summary together with context management. Throws WireError 400. */
export function checkBetas(
  request: { readonly compaction?: unknown; readonly context_management?: unknown },
  turns: readonly Turn<WireBlock>[],
  betas: string,
): void {
  const asked = betas.split(",").map((beta) => beta.trim());
  const summaries = turns.flatMap(({ blocks }) => blocks.filter(({ type }) => type === "compaction"));
  const refuse = (message: string): never => {
    throw new WireError(400, "bad_request", message);
  };
  if (request.compaction != null && request.context_management != null)
    refuse("compaction: Cannot be combined with context_management.");
  if ((request.compaction != null || summaries.length > 0) && !asked.includes("compact-2026-09-04"))
    refuse("compaction: Extra inputs are not permitted");
  if (request.context_management != null && !asked.includes("context-management-2025-06-27"))
    refuse("context_management: Extra inputs are not permitted");
  if (summaries.length > 1) refuse("messages: more than one compaction block");
  if (summaries.length === 1 && (turns[0]?.role !== "assistant" || turns[0].blocks[0]?.type !== "compaction"))
    refuse("messages: the compaction block must be the first block of the conversation");
}

/** The messages that a leading summary stands for; undefined without one. Throws WireError 400 when it did not come back as it was. */
export function recalled(turns: readonly Turn<WireBlock>[]): readonly Message[] | undefined {
  const block = turns[0]?.blocks[0];
  if (block?.type !== "compaction") return undefined;
  const memory = typeof block.signature === "string" ? unpackMemory(block.signature) : undefined;
  if (memory === undefined) throw new WireError(400, "bad_request", "messages.0.content.0: Invalid `signature`.");
  if (typeof block.content !== "string" || !isSummaryOf(memory, block.content))
    throw new WireError(400, "bad_request", "messages.0.content.0: `content` differs from what was signed.");
  return memory.messages;
}

/** The turns as the vendor would show them to its model: all but the newest `keep` tool results are gone once the trigger is met. */
export function clearToolResults<B extends WireBlock>(
  turns: readonly Turn<B>[],
  config: z.infer<typeof contextManagement> | null | undefined,
): readonly Turn<B>[] {
  const edit = config?.edits?.[0];
  if (edit === undefined) return turns;
  const uses = turns.flatMap(({ blocks }) => blocks.filter(({ type }) => type === "tool_use"));
  if (edit.trigger?.type === "tool_uses" && uses.length <= edit.trigger.value) return turns;
  const cleared = new Set(
    uses
      .slice(0, Math.max(0, uses.length - (edit.keep?.value ?? 3)))
      .flatMap(({ id, name }) => (edit.exclude_tools?.includes(String(name)) === true ? [] : [id])),
  );
  return turns.map(({ blocks, role }) => ({
    role,
    blocks: blocks.map((block) =>
      block.type === "tool_result" && cleared.has(block.tool_use_id) ? { ...block, content: "[cleared]" } : block,
    ),
  }));
}
