import { PortError } from "../../ports/errors.ts";

/** A failure as the vendor described it. `status` is absent for an error that came inside a stream. */
export interface VendorFailure {
  readonly vendor: "Anthropic" | "OpenAI";
  readonly status?: number | undefined;
  /** The vendor's own words for it: error type, error code. */
  readonly codes: readonly string[];
  readonly message: string;
  readonly headers?: { get(name: string): string | null } | undefined;
}

type Kind = readonly [kind: "transient" | "permanent", code: string];

const kindOfVendorCode: Readonly<Record<string, Kind>> = {
  // https://platform.claude.com/docs/en/api/errors
  overloaded_error: ["transient", "overloaded"],
  rate_limit_error: ["transient", "rate_limited"],
  api_error: ["transient", "server_error"],
  timeout_error: ["transient", "timeout"],
  gateway_timeout_error: ["transient", "timeout"],
  authentication_error: ["permanent", "unauthorized"],
  permission_error: ["permanent", "unauthorized"],
  billing_error: ["permanent", "unauthorized"],
  not_found_error: ["permanent", "not_found"],
  request_too_large: ["permanent", "context_too_long"],
  // https://developers.openai.com/api/docs/guides/error-codes
  insufficient_quota: ["permanent", "unauthorized"],
  billing_hard_limit_reached: ["permanent", "unauthorized"],
  invalid_api_key: ["permanent", "unauthorized"],
  model_not_found: ["permanent", "not_found"],
  context_length_exceeded: ["permanent", "context_too_long"],
  rate_limit_exceeded: ["transient", "rate_limited"],
  server_is_overloaded: ["transient", "overloaded"],
  slow_down: ["transient", "overloaded"],
  server_error: ["transient", "server_error"],
  invalid_encrypted_content: ["permanent", "stale_thinking"],
  invalid_prompt: ["permanent", "refused"],
  content_filter: ["permanent", "refused"],
};

/** A vendor names each of its policies, and the names change: `bio_policy`, `cyber_policy`, `misalignment_policy_violation`. */
const policyCode = /(?:^|_)policy(?:_violation)?$/u;
/**
 * Thinking is bound to what came before it and to the account, encrypted reasoning to the organisation.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/fix-bound-to-a-different-conversation
 */
const staleThinking =
  /bound to a different (?:conversation|account|organization)|invalid [`'"]?signature[`'"]? in [`'"]?(?:redacted_)?thinking|encrypted content .{0,200}could not be (?:verified|decrypted)/i;

/** Both vendors report a too long prompt as a plain bad request, with the reason only in the message. */
const tooLong =
  /prompt is too long|exceeds? (the |your )?(model'?s? )?(maximum )?context|context (length|window|limit)[^.]*exceed|exceed context limit|input is too long/i;
const noCredit = /credit balance is too low|exceeded your current quota/i;

/**
 * Maps a vendor's error to the port's codes. The message is cut to 500 characters and holds no secret: `secrets` and all
 * that looks like a key are blanked, and the client's error, which carries headers, is not kept as the cause.
 */
export function toPortError(failure: VendorFailure, secrets: readonly string[]): PortError {
  const [kind, code] = classify(failure);
  const where = failure.status === undefined ? "in the stream" : `HTTP ${failure.status}`;
  const retryAfterMs = kind === "transient" ? retryAfter(failure, Date.now()) : undefined;
  return new PortError(
    "llm",
    kind,
    code,
    redact(`${failure.vendor} (${where}): ${failure.message}`, secrets).slice(0, 500),
    {
      ...(failure.status === undefined ? {} : { status: failure.status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function classify({ status, codes, message }: VendorFailure): Kind {
  if (noCredit.test(message)) return ["permanent", "unauthorized"];
  // Some proxies report it as a rate limit, which it would outlast.
  if (staleThinking.test(message)) return ["permanent", "stale_thinking"];
  for (const code of codes) {
    const kind = Object.hasOwn(kindOfVendorCode, code) ? kindOfVendorCode[code] : undefined;
    if (kind !== undefined) return kind;
    if (policyCode.test(code)) return ["permanent", "refused"];
  }
  if ((status === undefined || status === 400) && tooLong.test(message)) return ["permanent", "context_too_long"];
  if (status === undefined) {
    return codes.some((code) => code.startsWith("invalid_"))
      ? ["permanent", "bad_request"]
      : ["transient", "server_error"];
  }
  switch (status) {
    case 401:
    case 402:
    case 403:
      return ["permanent", "unauthorized"];
    case 404:
      return ["permanent", "not_found"];
    case 413:
      return ["permanent", "context_too_long"];
    case 429:
      return ["transient", "rate_limited"];
    case 408:
    case 504:
      return ["transient", "timeout"];
    case 503:
    case 529:
      return ["transient", "overloaded"];
    case 409:
      return ["transient", "server_error"];
    default:
      return status >= 500 ? ["transient", "server_error"] : ["permanent", "bad_request"];
  }
}

/**
 * The delay that the vendor asks for, in whole milliseconds: `retry-after-ms`, `retry-after` in seconds or as an HTTP date
 * (RFC 9110 section 10.2.3), or "try again in 1.5s" in the message. Undefined when it names none; a date in the past is 0.
 */
export function retryAfter(failure: Pick<VendorFailure, "headers" | "message">, nowMs: number): number | undefined {
  const milliseconds = nonNegative(failure.headers?.get("retry-after-ms"));
  if (milliseconds !== undefined) return Math.ceil(milliseconds);
  const header = failure.headers?.get("retry-after");
  const seconds = nonNegative(header);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  // A negative or broken number is no date, though Date.parse takes some of them for years.
  const date = typeof header === "string" && /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  if (Number.isFinite(date)) return Math.max(0, date - nowMs);
  const said = /try again in (?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)(ms|s))?/i.exec(failure.message);
  if (said === null || (said[1] === undefined && said[2] === undefined)) return undefined;
  const rest = Number(said[2] ?? 0) * (said[3]?.toLowerCase() === "ms" ? 1 : 1000);
  return Math.ceil(Number(said[1] ?? 0) * 60_000 + rest);
}

function nonNegative(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Blanks the given secrets and whatever looks like an API key or a bearer token. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, "[redacted]");
  return clean.replace(/\bsk-[\w*.-]{4,}/g, "[redacted]").replace(/\bBearer\s+\S+/gi, "Bearer [redacted]");
}

/** A key that can stand in an HTTP header; anything else is a permanent `unauthorized` that doesn't repeat it. */
export function requireUsableKey(vendor: VendorFailure["vendor"], apiKey: string): void {
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new PortError(
      "llm",
      "permanent",
      "unauthorized",
      `The ${vendor} API key is empty or not a usable header value.`,
    );
  }
}
