/** Which vendor's wire a model speaks. */
export type LlmProvider = "anthropic" | "openai";

/** One block of a message, independent of vendor. */
export type LlmBlock =
  /** `phase` is the vendor's own label of a text beside tool calls or of a last one, sent back as it came. */
  | { readonly type: "text"; readonly text: string; readonly phase?: "commentary" | "final_answer" }
  /** `opaque` is the vendor's own item (signature, encrypted reasoning), sent back byte for byte to the same vendor. */
  | { readonly type: "thinking"; readonly text: string; readonly opaque?: unknown }
  /**
   * The summary that the vendor's own compaction put in the place of all messages before it; `opaque` is its form, sent back byte for
   * byte to the same vendor, `text` the summary, empty where the vendor doesn't show it.
   */
  | { readonly type: "compaction"; readonly text: string; readonly opaque: unknown }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
      /** Set when the vendor's JSON did not parse: the raw text. */
      readonly invalidJson?: string;
      /** The arguments' text as the vendor wrote it, where it is not what the input would be written as. */
      readonly rawInput?: string;
      /** Why the call can't be run: the answer was cut inside it, or it is of a kind that was not offered. Its input is empty. */
      readonly fault?: "cut" | "not_offered";
    }
  /** A block of a kind that the product has no use for, whole, sent back to the same vendor as it came. */
  | { readonly type: "vendor"; readonly opaque: unknown }
  | { readonly type: "tool_result"; readonly toolUseId: string; readonly content: string; readonly isError: boolean }
  | {
      readonly type: "image";
      readonly mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
      readonly base64: string;
    };

export interface LlmMessage {
  readonly role: "user" | "assistant";
  readonly blocks: readonly LlmBlock[];
}

export interface LlmTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface LlmRequest {
  readonly provider: LlmProvider;
  readonly model: string;
  readonly effort?: "low" | "medium" | "high";
  readonly system: string;
  readonly messages: readonly LlmMessage[];
  readonly tools: readonly LlmTool[];
  /**
   * The number of the oldest tool results that the vendor itself shall keep from the model, where `ModelEntry.editsContext` says that
   * it can: the messages stay whole, so that the thinking in them stays valid.
   */
  readonly clearedToolResults?: number;
  readonly maxOutputTokens: number;
  /** Sent as the vendor's idempotency or metadata id where it has one; also in logs. */
  readonly callId: string;
  readonly signal: AbortSignal;
  /** Live pieces, in order, for watchers only: the returned turn counts. */
  readonly onDelta: (delta: LlmDelta) => void;
}

export type LlmDelta =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly text: string }
  | { readonly type: "tool_use_start"; readonly id: string; readonly name: string };

/** Tokens as the vendor counted them. `inputTokens` excludes cached ones. `undefined`: the vendor did not report it. */
export interface LlmUsage {
  readonly inputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** The usage of a call that failed after its vendor had begun to answer: it is on the vendor's bill. */
export interface LlmSpent {
  /** The counts that the vendor told before the end. */
  readonly told: LlmUsage;
  /** Whether the answer's count in `told` is the last one. */
  readonly isFinal: boolean;
  /** Bytes of the answer that came. */
  readonly receivedBytes: number;
}

export interface LlmTurn {
  readonly blocks: readonly LlmBlock[];
  readonly stopReason: "end_turn" | "tool_use" | "max_tokens" | "refusal" | "other";
  /** The vendor's own words for a refusal, where it gave any. */
  readonly stopDetail?: string;
  readonly usage: LlmUsage;
  /** The id of the answering model, as the vendor reports it. */
  readonly model: string;
  readonly vendorRequestId: string | undefined;
}

/** A conversation that the vendor summarised. */
export interface LlmCompaction {
  readonly block: Extract<LlmBlock, { type: "compaction" }>;
  /** True when the vendor keeps the user messages, word for word, beside the summary. */
  readonly keepsUserMessages: boolean;
  readonly usage: LlmUsage;
  readonly model: string;
  readonly vendorRequestId: string | undefined;
}

/**
 * One model call. Resolves only with a turn that the vendor ended: a stream that breaks off is a transient PortError and no part of it
 * counts. A tool call that is not whole in an ended turn has its `fault`. PortError codes: `rate_limited`, `overloaded`, `timeout`,
 * `stream_cut`, `server_error` (transient); `unauthorized`, `bad_request`, `context_too_long`, `not_found`, `refused` (the vendor's
 * policy), `stale_thinking` (thinking or encrypted reasoning in the request is not taken any more) (permanent);
 * `aborted` (permanent, when `signal` fired). An error after the vendor had begun to answer has the `spent` of the call. The adapter retries nothing by itself: the engine does, durably.
 */
export interface LlmPort {
  complete(request: LlmRequest): Promise<LlmTurn>;
  /**
   * Has the vendor summarise the request's messages, which end with a user message; nothing is streamed. Later requests send
   * the block first, in an assistant message, in the place of those messages. Errors as for `complete`, and `no_summary`
   * (permanent). Absent where the vendor has no compaction.
   */
  compact?(request: LlmRequest): Promise<LlmCompaction>;
}
