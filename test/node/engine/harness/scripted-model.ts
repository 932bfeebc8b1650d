import type { LlmPort, LlmRequest, LlmTurn } from "../../../../worker/ports/llm.ts";

/** A model that says what it is told to, turn by turn, and keeps what it was asked. */
export class ScriptedModel implements LlmPort {
  turns: (LlmTurn["blocks"] | Error)[] = [];
  readonly requests: LlmRequest[] = [];

  async complete(request: LlmRequest): Promise<LlmTurn> {
    this.requests.push(request);
    const next = this.turns.shift();
    if (next === undefined) throw new Error("the model has no more turns");
    if (next instanceof Error) throw next;
    return {
      blocks: next,
      stopReason: "tool_use",
      usage: { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5 },
      model: "m",
      vendorRequestId: undefined,
    };
  }
}
