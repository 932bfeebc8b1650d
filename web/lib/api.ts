import type { ErrorCode, Problem } from "../../contracts/errors.ts";

type FailureCode = ErrorCode | "offline" | "unreadable";

/** What went wrong with a request, ready to be shown: never a bare status. */
export class ApiError extends Error {
  readonly code: FailureCode;
  /** HTTP status, 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  readonly requestId: string | null;
  readonly issues: readonly { readonly path: string; readonly message: string }[];

  constructor(fields: {
    code: FailureCode;
    status: number;
    title: string;
    detail: string;
    requestId: string | null;
    issues?: readonly { path: string; message: string }[] | undefined;
  }) {
    super(fields.detail);
    this.name = "ApiError";
    this.code = fields.code;
    this.status = fields.status;
    this.title = fields.title;
    this.requestId = fields.requestId;
    this.issues = fields.issues ?? [];
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

/** What an answer that is no success says. */
export async function failureOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const headerId = response.headers.get("x-request-id") ?? response.headers.get("cf-ray");
  if (isProblem(body)) {
    return new ApiError({
      ...body,
      status: response.status,
      requestId: body.requestId ?? headerId,
      issues: body.issues,
    });
  }
  return new ApiError({
    code: "unreadable",
    status: response.status,
    title: response.status >= 500 ? "The server failed" : "The server refused the request",
    detail: `The server answered ${response.status} without saying why.`,
    requestId: headerId,
  });
}

/** What a request without an answer fails with. */
export function offline(): ApiError {
  return new ApiError({
    code: "offline",
    status: 0,
    title: "No connection",
    detail: "The server can't be reached. Nothing was changed; try again when you are online.",
    requestId: null,
  });
}

/**
 * Sends one request to the API of the same origin and returns the body of its answer, whose shape is the one that
 * contracts/ names for the route. Throws {@link ApiError} for every other outcome, also when the network is away.
 */
export async function api<T>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers:
        body === undefined
          ? { accept: "application/json" }
          : { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw offline();
  }
  if (!response.ok) throw await failureOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError({
      code: "unreadable",
      status: response.status,
      title: "The answer can't be read",
      detail: "The server's answer was cut off or isn't JSON.",
      requestId: response.headers.get("x-request-id"),
    });
  }
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
