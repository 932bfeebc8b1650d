import * as z from "zod";
import { PortError } from "../../ports/errors.ts";

/** The forge's answer, reduced to the parts that decide the error. Header names are lower case. */
export interface ForgeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

/**
 * Thrown inside the fetch given to Octokit to end a request for good. Octokit passes an error of this name on as it is,
 * and its retry plugin leaves it alone; any other error it wraps as a 500, which would be tried again.
 */
export class StoppedRequest extends Error {
  override readonly name = "AbortError";
  readonly portError: PortError;

  constructor(portError: PortError) {
    super(portError.message);
    this.portError = portError;
  }
}

/** A PortError of the forge. */
export function forgeError(
  kind: PortError["kind"],
  code: string,
  message: string,
  options: { readonly status?: number; readonly retryAfterMs?: number } = {},
): PortError {
  return new PortError("forge", kind, code, message, options);
}

/** The shape of Octokit's RequestError: `response` is absent when no answer came. */
const requestErrorSchema = z.object({
  name: z.literal("HttpError"),
  message: z.string(),
  status: z.number(),
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.unknown()), data: z.unknown() }).optional(),
});

/**
 * Turns whatever a call of Octokit threw into a PortError. `what` names the call for the operator. The original is not
 * kept as cause: it carries request bodies and headers.
 *
 * With `isFreshToken` a 401 is transient: GitHub may refuse a token for some seconds after minting it, and the next
 * attempt mints another.
 */
export function toPortError(
  error: unknown,
  what: string,
  options: { readonly isFreshToken?: boolean } = {},
): PortError {
  if (error instanceof PortError) return error;
  if (error instanceof StoppedRequest) return error.portError;
  const parsed = requestErrorSchema.safeParse(shapeOf(error));
  if (!parsed.success) {
    return forgeError(
      "permanent",
      "internal",
      `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : "unknown error"}`,
    );
  }
  const { response } = parsed.data;
  if (response === undefined)
    return forgeError("transient", "server_error", `${what}: no answer (${clip(parsed.data.message)})`);
  return fromAnswer(response, what, options.isFreshToken ?? false);
}

function shapeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return Object.assign({ name: error.name, message: error.message }, error);
}

/**
 * The PortError of an answer with an error status.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export function fromAnswer(answer: ForgeAnswer, what: string, isFreshToken: boolean): PortError {
  const { status } = answer;
  const said = messageOf(answer.data);
  const message = `${what}: ${status} ${clip(said)}`;
  const retryAfterMs = retryAfter(answer);
  const timing = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };

  if (status === 429 || (status === 403 && isRateLimit(answer, said)))
    return forgeError("transient", "rate_limited", message, timing);
  if (status >= 500 || status === 408) return forgeError("transient", "server_error", message, timing);
  if (/repository is empty/iu.test(said)) return forgeError("permanent", "empty_repository", message, { status });
  if (status === 413 || /too[_ ]large/iu.test(said)) return forgeError("permanent", "too_large", message, { status });
  if (status === 401) return forgeError(isFreshToken ? "transient" : "permanent", "unauthorized", message, { status });
  if (status === 403 || status === 451) return forgeError("permanent", "forbidden", message, { status });
  if (status === 404 || status === 410) return forgeError("permanent", "not_found", message, { status });
  // Besides an empty repository: one that is still being made, or another write at the same instant. Writes here may be repeated.
  if (status === 409) return forgeError("transient", "conflict", message, timing);
  return forgeError("permanent", "invalid_request", message, { status });
}

const answerBodySchema = z.object({
  message: z.string().default(""),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string().optional(), code: z.string().optional() })]))
    .default([]),
});

/** All that the body of an error answer says, in one line. */
function messageOf(data: unknown): string {
  if (typeof data === "string") return data;
  const parsed = answerBodySchema.safeParse(data);
  if (!parsed.success) return "";
  const details = parsed.data.errors.map((entry) =>
    typeof entry === "string" ? entry : `${entry.code ?? ""} ${entry.message ?? ""}`.trim(),
  );
  return [parsed.data.message, ...details].filter((part) => part !== "").join("; ");
}

/** Primary limits show in `x-ratelimit-remaining`, secondary ones in `retry-after` or in the message alone. */
function isRateLimit(answer: ForgeAnswer, said: string): boolean {
  return (
    header(answer, "x-ratelimit-remaining") === "0" ||
    header(answer, "retry-after") !== undefined ||
    /rate limit|abuse detection/iu.test(said)
  );
}

/** Milliseconds until the forge wants to be asked again: `retry-after` in seconds or as a date, else the end of the primary limit's window. */
function retryAfter(answer: ForgeAnswer): number | undefined {
  const nowMs = Date.now();
  const after = header(answer, "retry-after");
  if (after !== undefined) {
    const atMs = /^\d+$/u.test(after) ? nowMs + Number(after) * 1000 : Date.parse(after);
    return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
  }
  const reset = header(answer, "x-ratelimit-reset");
  if (header(answer, "x-ratelimit-remaining") !== "0" || reset === undefined || !/^\d+$/u.test(reset)) return undefined;
  // The window's end is on the forge's clock, so measure it against the forge's own date.
  const forgeNowMs = Date.parse(header(answer, "date") ?? "");
  return Math.max(0, Number(reset) * 1000 - (Number.isNaN(forgeNowMs) ? nowMs : forgeNowMs)) + 1000;
}

function header(answer: ForgeAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** A gateway's error page is a whole HTML document: keep its beginning. */
function clip(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}
