import type { Provider } from "../wire/conversation.ts";

/** One model call in the server's own ledger. Holds no prompt and no key. */
export interface CallRecord {
  readonly id: string;
  readonly provider: Provider;
  readonly model: string;
  /** UTC milliseconds at which the request was read. */
  readonly at: number;
  readonly status: number;
  /** `sent` whole, `cut` by a fault, `aborted` by the client, or `refused` with an error status. */
  readonly outcome: "sent" | "cut" | "aborted" | "refused";
  readonly stream: boolean;
  /** Images that the request showed. */
  readonly images: number;
  /** Tokens that were neither read from nor written to the cache; OpenAI's `input_tokens` is this plus `cacheReadTokens`. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** Names of the tools called in the answer. */
  readonly toolCalls: readonly string[];
  /** Which knob shaped the answer. */
  readonly fault?: string;
  readonly scripted: boolean;
}

/** The calls in the order in which they were finished; the newest 10,000 are kept. */
export class CallLedger {
  #calls: CallRecord[] = [];

  add(call: CallRecord): void {
    this.#calls.push(call);
    if (this.#calls.length > 10_000) this.#calls.shift();
  }

  list(): readonly CallRecord[] {
    return this.#calls;
  }

  clear(): void {
    this.#calls = [];
  }
}
