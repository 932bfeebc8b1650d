/** An error that the person at the keyboard can fix: `message` is one line with the cause and the fix. */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
