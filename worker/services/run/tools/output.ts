/** Most characters of a tool's output that a model and the event log get. */
export const maxToolOutputCharacters = 30_000;

/** Keeps head and tail of a long output and says what is missing between them. */
export function bounded(output: string): { readonly text: string; readonly truncated: boolean } {
  const clean = output.toWellFormed().replaceAll("\0", "\uFFFD");
  if (clean.length <= maxToolOutputCharacters) return { text: clean, truncated: false };
  const half = maxToolOutputCharacters / 2;
  const cut = clean.length - maxToolOutputCharacters;
  return {
    text: `${clean.slice(0, half).toWellFormed()}\n[... ${cut} characters left out ...]\n${clean.slice(-half).toWellFormed()}`,
    truncated: true,
  };
}
