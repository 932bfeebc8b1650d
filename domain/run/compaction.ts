import type { ConversationBlock, ConversationMessage } from "./conversation.ts";

/** A conversation is shortened once it is longer than this, in characters: about 120,000 tokens. */
export const maxConversationCharacters = 400_000;
/** Newest messages whose tool results are never cleared. */
const keptMessages = 12;
/** Clearing is worth its price, a prefix that is read anew, when it leaves at most this share of the limit. */
const worthwhileShare = 0.6;
/** Less than this share of the limit is not worth that price, whatever the length. */
const leastFreedShare = 0.05;
/** While the vendor clears, the whole of it is still sent. Above this it is cleared here. */
const maxSentCharacters = 1_500_000;
/** A summary of fewer messages than this would only summarise the last one. */
const leastMessages = 6;
const imageCharacters = 6_000;
/** Tool results of at most this many characters stay, and so much of a longer one. */
const keptResultCharacters = 400;
const keptHeadCharacters = 200;
/** The tool whose results are never cleared: they are a person's answers. */
export const pinnedTool = "ask_person";

/** The parts of a conversation that are left out: tool results of the first `messages` messages, and thinking of the first `thinking`. */
export interface Cleared {
  readonly messages: number;
  readonly thinking: number;
}

export const nothingCleared: Cleared = { messages: 0, thinking: 0 };

/** The step that is needed before a conversation may be sent. */
export type Shortening =
  | { readonly kind: "none" }
  | { readonly kind: "clear"; readonly cleared: Cleared }
  | { readonly kind: "summarise" };

type Message = ConversationMessage<ConversationBlock>;

/** The messages from the vendor's newest summary on, which covers the earlier ones. All of them when there is none. */
export function sinceSummary<B extends ConversationBlock>(
  messages: readonly ConversationMessage<B>[],
): readonly ConversationMessage<B>[] {
  return messages.slice(
    Math.max(
      0,
      messages.findLastIndex(({ blocks }) => blocks.some(({ type }) => type === "compaction")),
    ),
  );
}

/**
 * Decides how a conversation is shortened of which `present` is cleared already. It stays whole while it fits. Else old tool results go, which
 * costs no call and can be undone by calling the tool again, when that frees enough; else the vendor summarises, where it can.
 * Either moves rarely and in large steps, since each makes the provider read the prefix anew.
 */
export function shortening(messages: readonly Message[], present: Cleared, canSummarise: boolean): Shortening {
  const sent = characters(clear(messages, present, sameBlock));
  if (sent <= maxConversationCharacters) return { kind: "none" };
  const cleared = { messages: Math.max(present.messages, messages.length - keptMessages), thinking: messages.length };
  const after = characters(clear(messages, cleared, sameBlock));
  if (canSummarise && messages.length >= leastMessages && after > maxConversationCharacters * worthwhileShare)
    return { kind: "summarise" };
  return after <= sent - maxConversationCharacters * leastFreedShare ? { kind: "clear", cleared } : { kind: "none" };
}

/** True while a vendor may do the clearing by itself: all of it is still sent. */
export function canSendWhole(messages: readonly Message[]): boolean {
  return characters(messages) <= maxSentCharacters;
}

/** The number of tool results that the first `cleared.messages` messages hold. */
export function clearedResults(messages: readonly Message[], cleared: Cleared): number {
  return messages
    .slice(0, cleared.messages)
    .reduce((sum, { blocks }) => sum + blocks.filter(({ type }) => type === "tool_result").length, 0);
}

/**
 * The conversation without what is cleared: long tool results are replaced by a note that says how to get them again; thinking is
 * left out up to the message at which that was done, because vendors refuse it once the messages before it have changed. The
 * words of people, of the request and of the agent stay. The same input gives the same bytes.
 */
export function clear<B extends ConversationBlock>(
  messages: readonly ConversationMessage<B>[],
  cleared: Cleared,
  withContent: (block: B & { readonly type: "tool_result" }, content: string) => B,
): readonly ConversationMessage<B>[] {
  const pinned = new Set<string>();
  for (const { blocks } of messages)
    for (const block of blocks) if (isCall(block) && block.name === pinnedTool) pinned.add(block.id);
  return messages.map((message, index) => {
    if (index >= cleared.messages && index >= cleared.thinking) return message;
    const blocks = message.blocks
      .filter((block) => block.type !== "thinking" || index >= cleared.thinking)
      .map((block) =>
        index < cleared.messages && isResult(block) && !pinned.has(block.toolUseId)
          ? shorten(block, withContent)
          : block,
      );
    return { role: message.role, blocks };
  });
}

/** The cleared parts as the fact that the journal keeps. */
export function clearedFact(cleared: Cleared): string {
  return `${cleared.messages}/${cleared.thinking}`;
}

/** The cleared parts from their fact; a fact of one number is from before thinking was counted by itself. */
export function clearedFromFact(fact: string): Cleared {
  const [messages = 0, thinking = messages] = fact.split("/").map(Number);
  return { messages, thinking };
}

function shorten<B extends ConversationBlock>(
  block: B & { readonly type: "tool_result" },
  withContent: (block: B & { readonly type: "tool_result" }, content: string) => B,
): B {
  const { content } = block;
  if (content.length <= keptResultCharacters) return block;
  const head = content.slice(0, keptHeadCharacters).toWellFormed();
  return withContent(
    block,
    `${head}\n[${content.length - keptHeadCharacters} characters left out to save room; call the tool again for them]`,
  );
}

/**
 * Length as JSON, but for what a model reads otherwise: an image is worth about 1,500 tokens however many bytes it has, and of a
 * summary the text alone counts, since the rest is the vendor's.
 */
function characters(messages: readonly Message[]): number {
  return messages.reduce((sum, { blocks }) => sum + blocks.reduce((length, block) => length + lengthOf(block), 0), 0);
}

function lengthOf(block: ConversationBlock): number {
  if (block.type === "image" || block.type === "image_reference") return imageCharacters;
  return JSON.stringify(block.type === "compaction" ? block.text : block).length;
}

function sameBlock(block: ConversationBlock & { readonly type: "tool_result" }, content: string): ConversationBlock {
  return { ...block, content };
}

function isResult<B extends ConversationBlock>(block: B): block is B & { readonly type: "tool_result" } {
  return block.type === "tool_result";
}

function isCall<B extends ConversationBlock>(block: B): block is B & { readonly type: "tool_use" } {
  return block.type === "tool_use";
}
