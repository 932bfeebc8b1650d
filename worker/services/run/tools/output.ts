/** Most characters of a tool's output that a model and the event log get at once. */
export const maxToolOutputCharacters = 30_000;
/** Most characters of an output that are kept for `read_output`: three bytes each fit a row of SQLite. */
export const maxKeptCharacters = 500_000;

/** An output as it is shown, and the whole of it when it had to be cut. */
export interface BoundedOutput {
  readonly text: string;
  /** Everything, up to the kept limit, when `text` is not all; else undefined. */
  readonly whole: string | undefined;
}

/** Keeps head and tail of a long output, says what is missing between them and by which name `read_output` gives the rest. */
export function bounded(output: string, name: string): BoundedOutput {
  const clean = output.toWellFormed().replaceAll("\0", "\uFFFD");
  if (clean.length <= maxToolOutputCharacters) return { text: clean, whole: undefined };
  const whole = clean.slice(0, maxKeptCharacters).toWellFormed();
  const half = maxToolOutputCharacters / 2;
  const note = `[... characters ${half} to ${clean.length - half} of ${clean.length} left out; read_output with output ${JSON.stringify(name)} and an offset reads ${whole.length === clean.length ? "them" : `the first ${whole.length}`} ...]`;
  return { text: `${clean.slice(0, half).toWellFormed()}\n${note}\n${clean.slice(-half).toWellFormed()}`, whole };
}

/** A range of a kept output, with where it stands in the whole. */
export function rangeOf(whole: string, offset: number, length: number): string {
  if (offset >= whole.length) return `(the output has ${whole.length} characters)`;
  const end = Math.min(whole.length, offset + length);
  const more = end < whole.length ? `; offset ${end} goes on` : "; the end";
  return `[characters ${offset} to ${end} of ${whole.length}${more}]\n${whole.slice(offset, end).toWellFormed()}`;
}
