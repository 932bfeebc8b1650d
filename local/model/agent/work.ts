import type { ToolInput, ToolName } from "./tool-inputs.ts";
import type { ToolCall } from "../wire/conversation.ts";

/** The result of one tool call. */
export interface ToolResult {
  readonly content: string;
  readonly isError: boolean;
}

/** One turn: its text and its tool calls. */
export interface Step {
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

/**
 * A piece of work as a coroutine: it yields steps, receives the results of their calls in order, and returns. Because it
 * depends on nothing but those results, it can be replayed from a conversation's history up to where it stopped.
 */
export type Work<Result = void> = Generator<Step, Result, readonly ToolResult[]>;

/** A tool call whose input the compiler checks. */
export function tool<Name extends ToolName>(name: Name, input: ToolInput<Name>): ToolCall {
  return { name, input };
}

/** One turn with one call; returns its result. */
export function* callOne(text: string, call: ToolCall): Work<ToolResult> {
  const [result] = yield { text, calls: [call] };
  return result ?? { content: "", isError: true };
}

/** The last turn of a stage. */
export function* finish(text: string, input: ToolInput<"finish">): Work {
  yield {
    text,
    calls: [tool("finish", { ...input, title: clip(input.title, 120), summary: clip(input.summary, 20_000) })],
  };
}

/** Ends a stage honestly when the work can't be done. */
export function* decline(title: string, summary: string): Work {
  yield* finish("I stop here.", { title, summary: `${summary}\n\n${signature}`, outcome: "declined" });
}

/** Said at the start of every stage. */
export const introduction = "I am the offline demo agent, no model: I search and try, I don't understand.";

/** Ends every summary. */
export const signature = "_Made by the offline demo agent, no model: by search and by running the tests._";

/** Cuts a text to `limit` characters, marking the cut. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
