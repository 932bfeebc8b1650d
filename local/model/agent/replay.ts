import type { Answer, Conversation, ToolCall } from "../wire/conversation.ts";
import type { ToolResult, Work } from "./work.ts";

interface PastTurn {
  readonly calls: readonly ToolCall[];
  readonly results: readonly ToolResult[];
}

/**
 * The next answer of a piece of work, found by running it again over the conversation so far. Nothing is kept between
 * requests, so it makes no difference whether this process has seen the conversation before.
 *
 * A past turn that the work did not ask for is skipped when none of its calls succeeded (a broken call changed nothing);
 * otherwise the work starts anew after it, because the repository may have changed under it. `again` follows when the
 * conversation goes on after the work was finished.
 */
export function replay(conversation: Conversation, start: () => Work, again: () => Work): Answer {
  let work = start();
  let step = work.next();
  for (const turn of pastTurns(conversation)) {
    if (step.done) {
      work = again();
      step = work.next();
    }
    if (step.done) break;
    if (sameCalls(step.value.calls, turn.calls)) {
      // Interrupted before they ran, or while they did: the work asks for the same once more, and its scripts begin anew.
      if (
        turn.results.every(
          (result) =>
            result.isError &&
            /^(?:error: )?(?:not (?:run|finished)\b|the process stopped while)/iu.test(result.content),
        )
      )
        continue;
      step = work.next(turn.results);
    } else if (turn.results.some((result) => !result.isError)) {
      work = start();
      step = work.next();
    }
  }
  if (step.done) step = again().next();
  if (step.done) return { text: "My part of this is finished.", calls: [] };
  return { text: step.value.text, calls: step.value.calls };
}

function pastTurns(conversation: Conversation): readonly PastTurn[] {
  const results = new Map<string, ToolResult>();
  for (const message of conversation.messages) {
    for (const block of message.blocks) {
      if (block.type === "tool_result")
        results.set(block.toolUseId, { content: block.content, isError: block.isError });
    }
  }
  return conversation.messages.flatMap((message) => {
    const uses = message.blocks.filter((block) => block.type === "tool_use");
    if (message.role !== "assistant" || uses.length === 0) return [];
    return [
      {
        calls: uses.map(({ name, input }) => ({ name, input })),
        results: uses.map((use) => results.get(use.id) ?? { content: "", isError: true }),
      },
    ];
  });
}

function sameCalls(one: readonly ToolCall[], other: readonly ToolCall[]): boolean {
  return one.length === other.length && one.every((call, index) => canonical(call) === canonical(other[index]));
}

/** JSON with sorted keys and without absent values, because a caller may store inputs in any key order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
