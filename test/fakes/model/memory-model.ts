import type { LlmBlock, LlmUsage } from "../../../worker/ports/llm.ts";

/** The parts of a model call that all users of the fake share. */
export interface Asked {
  readonly callId: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly messages: readonly { readonly role: "user" | "assistant" }[];
}

/** A tool call that a script wants. */
export interface ScriptedCall {
  readonly name: string;
  readonly input: unknown;
  readonly invalidJson?: string;
}

/** One answered call, as the vendor bills it. */
export interface Bill {
  readonly callId: string;
  readonly requestId: string;
  readonly usage: LlmUsage;
}

export interface Answered {
  readonly blocks: readonly LlmBlock[];
  readonly bill: Bill;
}

/**
 * A model vendor's side: a script decides the answers and their costs, and every answered call is on the bill, also one
 * whose answer never arrives.
 */
export class MemoryModel<A extends Asked = Asked> {
  readonly bills: Bill[] = [];
  readonly #say: (asked: A) => readonly LlmBlock[];
  readonly #usage: (answeredBefore: number) => LlmUsage;
  #answered = 0;

  constructor(say: (asked: A) => readonly LlmBlock[], usage: (answeredBefore: number) => LlmUsage) {
    this.#say = say;
    this.#usage = usage;
  }

  /** Answers a call and bills it. An error that the script throws is the vendor's failure; then nothing is billed. */
  answer(asked: A): Answered {
    const blocks = this.#say(asked);
    const usage = this.#usage(this.#answered);
    this.#answered += 1;
    const bill = { callId: asked.callId, requestId: `req_${this.#answered}`, usage };
    this.bills.push(bill);
    return { blocks, bill };
  }

  /** Clears the bill; ids continue. */
  reset(): void {
    this.bills.length = 0;
  }
}
