import type { Hook } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { ZodError } from "zod";
import { errorStatus, type ErrorCode, type Problem } from "../contracts/errors.ts";
import type { ApiEnv } from "./context.ts";
import { PortError } from "./ports/errors.ts";

/** One wrong field of a request: where it is, such as `labels.0`, and what is wrong with it. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** The error of a service verb: a code of the API's contract and a sentence for the person who asked. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ErrorCode;
  readonly issues: readonly Issue[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { readonly issues?: readonly Issue[]; readonly retryAfterMs?: number } = {},
  ) {
    super(detail);
    this.code = code;
    this.issues = options.issues;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const titles: Readonly<Record<ErrorCode, string>> = {
  invalid_request: "The request is not valid",
  unauthenticated: "Sign in first",
  forbidden: "Not allowed",
  foreign_origin: "Foreign origin",
  not_found: "Not found",
  method_not_allowed: "Method not allowed",
  conflict: "Conflict",
  run_not_waiting: "The run does not wait for this",
  patch_set_stale: "The patch set is stale",
  already_decided: "Already decided",
  policy_blocked: "Blocked by policy",
  unseen_content: "Not all of it can be shown",
  payload_too_large: "Too large",
  unknown_repository: "Unknown repository",
  empty_repository: "Empty repository",
  unknown_model: "Unknown model",
  model_unavailable: "Model not available",
  rate_limited: "Too many requests",
  internal: "Internal error",
  unavailable: "Not available now",
};

const systems: Readonly<Record<PortError["port"], string>> = {
  llm: "The model provider",
  sandbox: "The sandbox host",
  forge: "GitHub",
  tracker: "The tracker",
  vault: "The secret store",
  database: "The database",
  blobs: "The object store",
};

function fromPortError(error: PortError): ServiceError {
  const system = systems[error.port];
  const retry = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
  if (error.code === "empty_repository")
    return new ServiceError("empty_repository", "The repository has no commit yet.");
  if (error.code === "not_found") return new ServiceError("not_found", `${system} does not know what was asked for.`);
  if (error.code === "too_large")
    return new ServiceError("payload_too_large", `${system} holds more than can be taken.`);
  if (error.code === "unauthorized") {
    return new ServiceError(
      "unavailable",
      `${system} refused this deployment's credentials. An administrator has to renew them.`,
    );
  }
  if (error.code === "rate_limited")
    return new ServiceError("unavailable", `${system} asks to wait. Try again later.`, retry);
  if (error.kind === "transient")
    return new ServiceError("unavailable", `${system} does not answer. Try again in a moment.`, retry);
  return new ServiceError("internal", "Something went wrong on our side.");
}

/** Turns any thrown value into an error for the caller. The message of an unknown error is never shown. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof PortError) return fromPortError(error);
  if (error instanceof HTTPException) {
    if (error.status === 415)
      return new ServiceError("invalid_request", "Send JSON with content-type: application/json.");
    if (error.status === 413) return new ServiceError("payload_too_large", "The body is too large.");
    if (error.status < 500)
      return new ServiceError("invalid_request", error.message === "" ? "The request is not valid." : error.message);
  }
  return new ServiceError(
    "internal",
    "Something went wrong on our side. Nothing was changed by the failed step; the request id helps to find it.",
  );
}

/**
 * The answer for an error, as problem details. https://www.rfc-editor.org/rfc/rfc9457
 *
 * @param error anything thrown; see `toServiceError`
 * @param requestId repeated in the body so that a person can quote it
 */
export function problemResponse(error: unknown, requestId: string): Response {
  const told = toServiceError(error);
  const status = errorStatus[told.code];
  const problem: Problem = {
    type: `urn:assembly-lime:problem:${told.code}`,
    title: titles[told.code],
    status,
    code: told.code,
    detail: told.message,
    requestId,
    ...(told.issues === undefined ? {} : { issues: [...told.issues] }),
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (told.retryAfterMs !== undefined) headers.set("retry-after", String(Math.ceil(told.retryAfterMs / 1000)));
  return new Response(JSON.stringify(problem), { status, headers });
}

/** The problems of an input that a schema refused. An unknown key is reported at its own path. */
export function issuesOf(error: ZodError): readonly Issue[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "is not a known field" }));
    }
    return [{ path: path.length === 0 ? "body" : path.join("."), message: issue.message }];
  });
}

/** The `defaultHook` of the API's router: a refused input becomes `invalid_request` with every issue, the first three in the sentence. */
export const refuseInvalid: Hook<unknown, ApiEnv, string, unknown> = (result) => {
  if (result.success) return;
  const issues = issuesOf(result.error);
  const shown = issues.slice(0, 3).map((issue) => `${issue.path}: ${issue.message}`);
  const more = issues.length > 3 ? `; and ${issues.length - 3} more` : "";
  throw new ServiceError("invalid_request", `${shown.join("; ")}${more}`, { issues });
};
