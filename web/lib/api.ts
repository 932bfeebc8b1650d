import createClient from "openapi-fetch";
import type { paths } from "../../clients/typescript/schema.d.ts";
import type { ErrorCode, Problem } from "../../contracts/errors.ts";

type FailureCode = ErrorCode | "offline" | "unreadable";

/** A request that failed, with a title and a sentence that can be shown. */
export class ApiError extends Error {
  readonly code: FailureCode;
  /** HTTP status, 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  readonly requestId: string | null;
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  /** When the server asks to try again, in UTC milliseconds; null when it does not say. */
  readonly retryAtMs: number | null;

  constructor(fields: {
    code: FailureCode;
    status: number;
    title: string;
    detail: string;
    requestId: string | null;
    issues?: readonly { path: string; message: string }[] | undefined;
    retryAtMs?: number | null;
  }) {
    super(fields.detail);
    this.name = "ApiError";
    this.code = fields.code;
    this.status = fields.status;
    this.title = fields.title;
    this.requestId = fields.requestId;
    this.issues = fields.issues ?? [];
    this.retryAtMs = fields.retryAtMs ?? null;
  }

  /** The message for one field of the request's body, or null. `path` is the field's name, as in `prompt`. */
  issueAt(path: string): string | null {
    return this.issues.find((issue) => issue.path === path || issue.path.startsWith(`${path}.`))?.message ?? null;
  }
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === "object" &&
    body !== null &&
    "code" in body &&
    typeof body.code === "string" &&
    "title" in body &&
    typeof body.title === "string" &&
    "detail" in body &&
    typeof body.detail === "string"
  );
}

/** Seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAt(headers: Headers): number | null {
  const value = headers.get("retry-after") ?? "";
  const atMs = /^\d+$/u.test(value) ? Date.now() + Number(value) * 1000 : Date.parse(value);
  return Number.isNaN(atMs) ? null : atMs;
}

/** The error that an answer without success carries, from its problem JSON where it has one. */
export async function failureOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const headerId = response.headers.get("x-request-id") ?? response.headers.get("cf-ray");
  if (isProblem(body)) {
    return new ApiError({
      ...body,
      status: response.status,
      requestId: body.requestId ?? headerId,
      issues: body.issues,
      retryAtMs: retryAt(response.headers),
    });
  }
  return new ApiError({
    code: "unreadable",
    status: response.status,
    title: response.status >= 500 ? "The server failed" : "The server refused the request",
    detail: `The server answered ${response.status} without saying why.`,
    requestId: headerId,
    retryAtMs: retryAt(response.headers),
  });
}

/** The error of a request that got no answer. */
export function offline(): ApiError {
  return new ApiError({
    code: "offline",
    status: 0,
    title: "No connection",
    detail: "The server can't be reached. Nothing was changed; try again when you are online.",
    requestId: null,
  });
}

/** Sends one request with the session's cookie. Throws {@link ApiError} for every answer but success, and when none comes. */
export async function send(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw offline();
  }
  if (!response.ok) throw await failureOf(response);
  return response;
}

/** The API of an origin; the page's own when it is empty. Paths, parameters, bodies and answers are those of its OpenAPI document. */
export function createApi(origin = "") {
  return createClient<paths>({
    baseUrl: origin,
    fetch: send,
    credentials: "same-origin",
    headers: { accept: "application/json" },
  });
}

/** The API that served this page. */
export const api = createApi();

/** The body of a successful answer. Throws {@link ApiError} for every other outcome, also when the body can't be read. */
export async function bodyOf<T>(call: Promise<{ readonly data?: T }>): Promise<T> {
  const { data } = await readable(call);
  if (data === undefined) throw unreadable("The server’s answer is empty.");
  return data;
}

/** Waits for an answer without a body. Throws {@link ApiError} for every outcome but success. */
export async function done(call: Promise<unknown>): Promise<void> {
  await readable(call);
}

async function readable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable("The server’s answer was cut off or isn’t JSON.");
    throw error;
  }
}

function unreadable(detail: string): ApiError {
  return new ApiError({ code: "unreadable", status: 0, title: "The answer can’t be read", detail, requestId: null });
}

/** Any thrown value as an {@link ApiError}, so that every error state has a title, a sentence and, where known, a request id. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    code: "unreadable",
    status: 0,
    title: "Something broke on this page",
    detail: error instanceof Error ? error.message : String(error),
    requestId: null,
  });
}
