/** Something that the person at the keyboard can put right: `message` is one line that says what and how. */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
