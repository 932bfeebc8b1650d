import type { LlmPort, LlmRequest, LlmTurn } from "../../../../worker/ports/llm.ts";
import { MemoryModel, type Asked } from "../../../fakes/model/memory-model.ts";

interface AskedInProcess extends Asked {
  readonly request: LlmRequest;
}

/** One answer: its blocks, or a turn that ends otherwise than with tool calls, or the vendor's failure. */
type ScriptedTurn = LlmTurn["blocks"] | (Pick<LlmTurn, "blocks"> & Partial<LlmTurn>) | Error;

/** A model that answers with scripted turns and keeps its requests. */
export class ScriptedModel implements LlmPort {
  turns: ScriptedTurn[] = [];
  readonly requests: LlmRequest[] = [];
  readonly #model = new MemoryModel<AskedInProcess>(
    ({ request }) => {
      this.requests.push(request);
      const next = this.turns.shift();
      if (next === undefined) throw new Error("the model has no more turns");
      if (next instanceof Error) throw next;
      this.#ending = "blocks" in next ? next : {};
      return "blocks" in next ? next.blocks : next;
    },
    () => ({ inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5 }),
  );
  #ending: Partial<LlmTurn> = {};

  async complete(request: LlmRequest): Promise<LlmTurn> {
    const { callId, messages, model, tools } = request;
    const { bill, blocks } = this.#model.answer({
      ...{ callId, messages, model, request },
      tools: tools.map(({ name }) => name),
    });
    return {
      ...{ stopReason: "tool_use", usage: bill.usage, model: "m", vendorRequestId: undefined },
      ...this.#ending,
      blocks,
    };
  }
}
