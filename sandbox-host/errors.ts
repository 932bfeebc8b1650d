/** The error codes of the sandbox host, with the HTTP status and kind of each. */
const errorTable = {
  unauthorized: [401, "permanent"],
  invalid_request: [400, "permanent"],
  invalid_path: [400, "permanent"],
  path_escape: [400, "permanent"],
  invalid_archive: [400, "permanent"],
  not_found: [404, "permanent"],
  not_a_file: [409, "permanent"],
  permission_denied: [403, "permanent"],
  unreadable: [409, "permanent"],
  duplicate_exec: [409, "permanent"],
  too_large: [413, "permanent"],
  sandbox_gone: [410, "transient"],
  changed_meanwhile: [409, "transient"],
  process_limit: [503, "transient"],
  host_full: [503, "transient"],
  port_closed: [502, "transient"],
  cancelled: [409, "permanent"],
  git_failed: [500, "permanent"],
  sandbox_failed: [500, "permanent"],
  isolation_unavailable: [503, "permanent"],
} as const satisfies Readonly<Record<string, readonly [number, "transient" | "permanent"]>>;

export type HostErrorCode = keyof typeof errorTable;

/** An error that the host's client sees by its code. `message` never holds anything of the host's inside. */
export class HostError extends Error {
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return errorTable[this.code][0];
  }

  get kind(): "transient" | "permanent" {
    return errorTable[this.code][1];
  }
}

function isHostErrorCode(code: string): code is HostErrorCode {
  return Object.hasOwn(errorTable, code);
}

/** A failure that the guest reported; a code that the host doesn't know becomes `sandbox_failed`. */
export function guestError(code: string, message: string): HostError {
  return new HostError(isHostErrorCode(code) ? code : "sandbox_failed", message);
}

/** Any caught value as a HostError; the text of one that isn't ours stays in the host. */
export function toHostError(error: unknown): HostError {
  return error instanceof HostError ? error : new HostError("sandbox_failed", "the sandbox host failed");
}
