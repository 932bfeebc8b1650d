import type { Provider } from "./conversation.ts";

/** A refusal of a request, before it is put into its vendor's shape. */
export class WireError extends Error {
  readonly status: number;
  readonly kind: WireErrorKind;
  readonly param: string | null;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    kind: WireErrorKind,
    message: string,
    detail: { param?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = "WireError";
    this.status = status;
    this.kind = kind;
    this.param = detail.param ?? null;
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }
}

export type WireErrorKind =
  | "bad_request"
  | "unauthorized"
  | "not_found"
  | "too_large"
  | "rate_limited"
  | "overloaded"
  | "server_error";

const anthropicTypes: Record<WireErrorKind, string> = {
  bad_request: "invalid_request_error",
  unauthorized: "authentication_error",
  not_found: "not_found_error",
  too_large: "request_too_large",
  rate_limited: "rate_limit_error",
  overloaded: "overloaded_error",
  server_error: "api_error",
};

const openaiTypes: Record<WireErrorKind, { readonly type: string; readonly code: string | null }> = {
  bad_request: { type: "invalid_request_error", code: null },
  unauthorized: { type: "invalid_request_error", code: "invalid_api_key" },
  not_found: { type: "invalid_request_error", code: "not_found" },
  too_large: { type: "invalid_request_error", code: "request_too_large" },
  rate_limited: { type: "requests", code: "rate_limit_exceeded" },
  overloaded: { type: "server_error", code: "server_is_overloaded" },
  server_error: { type: "server_error", code: null },
};

/**
 * The error body in the vendor's shape.
 * Anthropic: https://platform.claude.com/docs/en/api/errors, OpenAI: https://developers.openai.com/api/docs/guides/error-codes
 */
export function errorBody(provider: Provider, error: WireError, requestId: string): object {
  if (provider === "anthropic") {
    return {
      type: "error",
      error: { type: anthropicTypes[error.kind], message: error.message },
      request_id: requestId,
    };
  }
  const shape = openaiTypes[error.kind];
  return { error: { message: error.message, type: shape.type, param: error.param, code: shape.code } };
}
