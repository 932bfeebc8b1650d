import type { LlmBlock, LlmMessage, LlmRequest } from "../../worker/ports/llm.ts";
import { must } from "./violation.ts";

/** The last request of a conversation, to check that the next one only adds to it. */
interface Sent {
  readonly system: string;
  readonly tools: unknown;
  readonly blocks: readonly LlmBlock[];
}

/** Judges every request as a strict vendor would, and its prefix as a prompt cache would. */
export class ConversationOracle {
  readonly #sent = new Map<string, Sent>();

  /** Throws a Violation when the request is one that a vendor refuses, or rewrites what was sent before. `name` is the conversation's. */
  check(name: string, request: LlmRequest): void {
    const blocks: LlmBlock[] = [];
    for (const [index, message] of request.messages.entries()) {
      must(message.role === (index % 2 === 0 ? "user" : "assistant"), "roles-alternate", () => shape(request.messages));
      must(message.blocks.length > 0, "no-empty-message", () => shape(request.messages));
      const before = request.messages[index - 1];
      if (message.role === "user") checkResults(before, message, request.messages);
      else
        must(
          message.blocks.every((block) => block.type !== "tool_result"),
          "results-come-from-the-user",
          () => shape(request.messages),
        );
      blocks.push(...message.blocks);
    }
    must(request.messages.at(-1)?.role === "user", "user-speaks-last", () => shape(request.messages));
    const before = this.#sent.get(name);
    this.#sent.set(name, { system: request.system, tools: request.tools, blocks });
    if (before === undefined) return;
    must(before.system === request.system, "prefix-is-stable", () => `the system prompt of ${name} changed`);
    must(
      before.tools === request.tools || JSON.stringify(before.tools) === JSON.stringify(request.tools),
      "prefix-is-stable",
      () => `the tools of ${name} changed`,
    );
    for (const [index, block] of before.blocks.entries()) {
      const now = blocks[index];
      must(
        now === block || JSON.stringify(now) === JSON.stringify(block),
        "prefix-is-stable",
        () => `block ${index} of ${name} was ${JSON.stringify(block)}, is ${JSON.stringify(now)}`,
      );
    }
  }
}

/** Every call of the message before is answered here, in order and before anything else; nothing else is. */
function checkResults(before: LlmMessage | undefined, message: LlmMessage, all: readonly LlmMessage[]): void {
  const asked = before?.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])) ?? [];
  const answered = message.blocks.flatMap((block) => (block.type === "tool_result" ? [block.toolUseId] : []));
  must(
    asked.length === answered.length && asked.every((id, index) => answered[index] === id),
    "each-call-is-answered",
    () => shape(all),
  );
  must(
    message.blocks.slice(0, answered.length).every((block) => block.type === "tool_result"),
    "results-come-first",
    () => shape(all),
  );
}

function shape(messages: readonly LlmMessage[]): string {
  return messages
    .map(
      ({ blocks, role }) =>
        `${role}[${blocks.map((block) => block.type + ("id" in block ? ` ${block.id}` : "toolUseId" in block ? ` ${block.toolUseId}` : "")).join(", ")}]`,
    )
    .join(" ");
}
