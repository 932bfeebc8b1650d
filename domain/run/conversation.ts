/** The shapes of blocks that a conversation's order depends on; adapters' blocks fit. */
export type ConversationBlock =
  | { readonly type: "tool_use"; readonly id: string; readonly name: string }
  | { readonly type: "tool_result"; readonly toolUseId: string; readonly content: string; readonly isError: boolean }
  | { readonly type: "compaction"; readonly text: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking" | "vendor" | "image" | "image_reference" };

export interface ConversationMessage<B> {
  readonly role: "user" | "assistant";
  readonly blocks: readonly B[];
}

/**
 * A stored conversation as vendors demand it: roles alternate, every tool call is followed at once by its result (results
 * first in the user message), and a call that has no result gets one that says it was not run. Blocks are never changed,
 * so that the prefix stays byte-stable for prompt caching.
 */
export function normaliseConversation<B extends ConversationBlock>(
  messages: readonly ConversationMessage<B>[],
  notRun: (toolUseId: string) => B,
): readonly ConversationMessage<B>[] {
  const merged: { role: "user" | "assistant"; blocks: B[] }[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last?.role === message.role) last.blocks.push(...message.blocks);
    else merged.push({ role: message.role, blocks: [...message.blocks] });
  }
  const normal: { role: "user" | "assistant"; blocks: B[] }[] = [];
  for (const [index, message] of merged.entries()) {
    if (message.role === "assistant") {
      normal.push(message);
      const open = message.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
      const next = merged[index + 1];
      if (open.length > 0 && next === undefined) normal.push({ role: "user", blocks: open.map((id) => notRun(id)) });
      continue;
    }
    const before = merged[index - 1];
    const expected = before?.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])) ?? [];
    const results = new Map<string, B>();
    for (const block of message.blocks)
      if (block.type === "tool_result" && expected.includes(block.toolUseId)) results.set(block.toolUseId, block);
    const rest = message.blocks.filter((block) => block.type !== "tool_result");
    normal.push({ role: "user", blocks: [...expected.map((id) => results.get(id) ?? notRun(id)), ...rest] });
  }
  return normal.filter((message) => message.blocks.length > 0);
}

/** Tool calls of the model's last message that have no result: the stage was ended or stopped before them. */
export function unansweredCalls<B extends ConversationBlock>(
  messages: readonly ConversationMessage<B>[],
): readonly string[] {
  const last = messages.findLastIndex((message) => message.role === "assistant");
  const answered = new Set(
    messages
      .slice(last + 1)
      .flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "tool_result" ? [block.toolUseId] : []))),
  );
  const asked = messages[last]?.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])) ?? [];
  return asked.filter((id) => !answered.has(id));
}

/** The message to a model that answered without using a tool. */
export const useToolsMessage = "Go on with the tools. When the work is done, call the finishing tool of this stage.";
