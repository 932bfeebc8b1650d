import type { LlmBlock } from "../../../ports/llm.ts";

/** The result of a tool call that has none: the stage ended or was stopped before. */
export function notRun(toolUseId: string): LlmBlock {
  return {
    type: "tool_result",
    toolUseId,
    content:
      "Error: Not finished: the stage ended or was interrupted. If this call had begun, its effect is unknown: look before you go on.",
    isError: true,
  };
}
