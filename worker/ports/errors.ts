import type { LlmSpent } from "./llm.ts";

/**
 * The error of an adapter. `transient` may be tried again as it is, `permanent` will fail again. `code` is a stable
 * snake_case word; `message` is for the operator's log; `retryAfterMs` is set when the other side named a delay.
 */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly kind: "transient" | "permanent";
  readonly port: "llm" | "sandbox" | "forge" | "tracker" | "vault" | "database" | "blobs";
  readonly code: string;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The usage of a model call that the vendor bills although it failed; undefined where it had not begun to answer. */
  readonly spent: LlmSpent | undefined;

  constructor(
    port: PortError["port"],
    kind: PortError["kind"],
    code: string,
    message: string,
    options: {
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
      readonly spent?: LlmSpent;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.port = port;
    this.kind = kind;
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.spent = options.spent;
  }

  /** The same error with the usage of its call. */
  withSpent(spent: LlmSpent): PortError {
    return new PortError(this.port, this.kind, this.code, this.message, {
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.cause === undefined ? {} : { cause: this.cause }),
      spent,
    });
  }
}

/** True when trying again may help. */
export function isTransient(error: unknown): boolean {
  return error instanceof PortError && error.kind === "transient";
}
