/** The vendor whose API a request used. */
export type Provider = "anthropic" | "openai";

/** One block of a message, independent of the wire. */
export type Block =
  | { readonly type: "text"; readonly text: string }
  /** An image without its bytes, because the offline agent can't look at it. */
  | { readonly type: "image" }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown }
  | { readonly type: "tool_result"; readonly toolUseId: string; readonly content: string; readonly isError: boolean };

export interface Message {
  readonly role: "user" | "assistant";
  readonly blocks: readonly Block[];
}

/** A request as the agent sees it: the same for both wires. */
export interface Conversation {
  readonly system: string;
  /** Consecutive messages of one role are merged, so roles alternate. */
  readonly messages: readonly Message[];
  /** Names of the tools that may be called; empty when there are none or when the caller forbade calls. */
  readonly tools: readonly string[];
}

/** A tool call that the agent asks for. `rawInput` replaces the serialised input: how broken JSON is faked. */
export interface ToolCall {
  readonly name: string;
  readonly input: unknown;
  readonly rawInput?: string;
}

/** One answer of the agent: text first, then its tool calls. At least one of them is there. */
export interface Answer {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** How a faked answer ends: cut at its token limit inside the last call, or refused beside what it holds. */
  readonly ending?: "cut_call" | "refusal";
}

/** Joins neighbours of one role, because both wires allow several messages of one role in a row. */
export function mergeMessages(messages: readonly Message[]): readonly Message[] {
  const merged: { role: Message["role"]; blocks: Block[] }[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last?.role === message.role) last.blocks.push(...message.blocks);
    else merged.push({ role: message.role, blocks: [...message.blocks] });
  }
  return merged;
}

/** Counts the assistant turns of the conversation. */
export function answerCount(conversation: Conversation): number {
  return conversation.messages.filter((message) => message.role === "assistant").length;
}
