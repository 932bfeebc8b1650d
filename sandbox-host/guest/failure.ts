/** An error that travels to the host by its code. */
export class GuestFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The system's error code (`ENOENT` ...) of a caught value, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** True when the system refused for the sake of a file's or directory's mode. */
export function isForbidden(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "EACCES" || errno === "EPERM";
}

const failureByErrno: Readonly<Record<string, string>> = {
  ENOENT: "not_found",
  ENOTDIR: "not_found",
  EISDIR: "not_a_file",
  EEXIST: "not_a_file",
  ENXIO: "not_a_file",
  ELOOP: "path_escape",
  ENAMETOOLONG: "invalid_path",
  EINVAL: "invalid_path",
  ENOSPC: "too_large",
  EDQUOT: "too_large",
  EFBIG: "too_large",
  E2BIG: "too_large",
  EACCES: "permission_denied",
  EPERM: "permission_denied",
  EAGAIN: "process_limit",
};

/** Any caught value as a failure with a code that the host knows. */
export function toFailure(error: unknown): GuestFailure {
  if (error instanceof GuestFailure) return error;
  const code = failureByErrno[errnoOf(error) ?? ""] ?? "sandbox_failed";
  return new GuestFailure(code, error instanceof Error ? error.message : String(error));
}
