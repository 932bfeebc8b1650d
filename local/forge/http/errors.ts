import type { Schemas } from "../types.ts";
import { json, type Answer, type Headers } from "./answer.ts";

type ValidationDetail = NonNullable<Schemas["validation-error"]["errors"]>[number];

const documentation = "https://docs.github.com/rest";

/** An answer of GitHub's error shape, thrown out of a handler. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly details: readonly ValidationDetail[] | undefined;
  readonly headers: Headers;

  constructor(status: number, message: string, details?: readonly ValidationDetail[], headers: Headers = {}) {
    super(message);
    this.status = status;
    this.details = details;
    this.headers = headers;
  }

  /** The JSON answer: `message`, `documentation_url`, `status`, and `errors` of a failed validation. */
  answer(): Answer {
    if (this.details !== undefined) {
      return json<Schemas["validation-error"] & { status: string }>(
        this.status,
        {
          message: this.message,
          errors: [...this.details],
          documentation_url: documentation,
          status: String(this.status),
        },
        this.headers,
      );
    }
    return json<Schemas["basic-error"]>(
      this.status,
      { message: this.message, documentation_url: documentation, status: String(this.status) },
      this.headers,
    );
  }
}

/** Also for what exists but the caller may not see. */
export function notFound(message = "Not Found"): ApiError {
  return new ApiError(404, message);
}

/** A 401: the credential is missing, wrong or over. */
export function badCredentials(message = "Bad credentials"): ApiError {
  return new ApiError(401, message);
}

/** A 403: the caller sees the resource, but lacks the permission. */
export function notAccessible(): ApiError {
  return new ApiError(403, "Resource not accessible by integration");
}

/** A 409: the repository has no commit yet. */
export function emptyRepository(): ApiError {
  return new ApiError(409, "Git Repository is empty.");
}

/** A 422 with only a message, as the Git Data API answers. */
export function unprocessable(message: string): ApiError {
  return new ApiError(422, message);
}

/** A 422 with the list of what is wrong. */
export function validationFailed(
  resource: string,
  details: readonly { field?: string; code: string; message?: string }[],
): ApiError {
  return new ApiError(
    422,
    "Validation Failed",
    details.map((detail) => ({ resource, ...detail })),
  );
}
