import { WireError } from "../errors.ts";

interface Turn {
  readonly role: "user" | "assistant" | "system";
  readonly blocks: readonly { readonly type: string; readonly id?: unknown; readonly tool_use_id?: unknown }[];
}

/**
 * The Messages API's pairing rules: every `tool_use` is answered in the next user message, and every `tool_result`
 * answers a `tool_use` of the message before. Throws WireError 400 in the vendor's words.
 */
export function checkToolPairs(turns: readonly Turn[]): void {
  let open = new Set<string>();
  for (const [index, turn] of turns.entries()) {
    const answered = new Set<string>();
    for (const [position, block] of turn.blocks.entries()) {
      if (block.type === "tool_use" && turn.role !== "assistant") {
        throw new WireError(
          400,
          "bad_request",
          `messages.${index}: \`tool_use\` blocks can only be in \`assistant\` messages`,
        );
      }
      if (block.type !== "tool_result" || typeof block.tool_use_id !== "string") continue;
      if (turn.role !== "user") {
        throw new WireError(
          400,
          "bad_request",
          `messages.${index}: \`tool_result\` blocks can only be in \`user\` messages`,
        );
      }
      if (!open.has(block.tool_use_id)) {
        const where = `messages.${index}.content.${position}`;
        throw new WireError(
          400,
          "bad_request",
          `${where}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        );
      }
      answered.add(block.tool_use_id);
    }
    const unanswered = [...open].filter((id) => !answered.has(id));
    if (unanswered.length > 0) {
      throw new WireError(
        400,
        "bad_request",
        `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    open = new Set(
      turn.blocks.flatMap((block) => (block.type === "tool_use" && typeof block.id === "string" ? [block.id] : [])),
    );
  }
  if (open.size > 0) {
    throw new WireError(
      400,
      "bad_request",
      `messages.${turns.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...open].join(", ")}.`,
    );
  }
}
