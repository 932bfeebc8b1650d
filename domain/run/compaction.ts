import type { ConversationBlock, ConversationMessage } from "./conversation.ts";

/** A conversation is shortened once it is longer than this, in characters: about 120,000 tokens. */
export const maxConversationCharacters = 400_000;
/** Newest messages that are never shortened. */
const keptMessages = 12;

/**
 * How many messages from the start have to be shortened, given how many already are: unchanged while the conversation fits. Moves rarely
 * and in large steps, since every move makes the provider read the prefix anew.
 */
export function compactionPoint(messages: readonly ConversationMessage<ConversationBlock>[], present: number): number {
  const size = compact(messages, present, (block, content) => ({ ...block, content })).reduce(
    (sum, message) => sum + JSON.stringify(message.blocks).length,
    0,
  );
  return size <= maxConversationCharacters ? present : Math.max(present, messages.length - keptMessages);
}

/**
 * The conversation with the first `point` messages shortened: long tool results are replaced by a note that says how to get them
 * again, thinking is left out (vendors refuse it once what came before has changed). What people and the request said is pinned,
 * and so is everything the agent said and did. The same input gives the same bytes.
 */
export function compact<B extends ConversationBlock>(
  messages: readonly ConversationMessage<B>[],
  point: number,
  withContent: (block: B & { readonly type: "tool_result" }, content: string) => B,
): readonly ConversationMessage<B>[] {
  return messages.map((message, index) => {
    if (index >= point) return message;
    const blocks = message.blocks
      .filter((block) => block.type !== "thinking")
      .map((block) => shorten(block, withContent));
    return { role: message.role, blocks };
  });
}

function shorten<B extends ConversationBlock>(
  block: B,
  withContent: (block: B & { readonly type: "tool_result" }, content: string) => B,
): B {
  if (!isResult(block) || block.content.length <= 400) return block;
  return withContent(
    block,
    `${block.content.slice(0, 200).toWellFormed()}\n[${block.content.length - 200} characters left out to save room; call the tool again for them]`,
  );
}

function isResult<B extends ConversationBlock>(block: B): block is B & { readonly type: "tool_result" } {
  return block.type === "tool_result";
}
