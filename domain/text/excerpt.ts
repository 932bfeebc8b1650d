const before = 40;
const longest = 160;

/** The beginning of a text as one line. */
export function beginningOf(text: string): string {
  return excerptOf(text.trimStart(), [""]) ?? "";
}

/** The words around the first place in a text where one of these words occurs, as one line; null where none does. */
export function excerptOf(text: string, words: readonly string[]): string | null {
  const folded = text.toLowerCase();
  const places = words.map((word) => folded.indexOf(word.toLowerCase())).filter((at) => at !== -1);
  if (places.length === 0) return null;
  const at = Math.min(...places);
  const start = at <= before ? 0 : wordStart(text, at - before);
  const part = text.slice(start, start + longest);
  const cut = start + longest < text.length ? part.replace(/[\uD800-\uDBFF]$/u, "") : part;
  const line = cut.replaceAll(/\s+/gu, " ").trim();
  return `${start > 0 ? "…" : ""}${line}${start + longest < text.length ? "…" : ""}`;
}

/** The start of the first word at or after a place, so that an excerpt begins with a whole word. */
function wordStart(text: string, from: number): number {
  const space = text.slice(from, from + before).search(/\s/u);
  return space === -1 ? (/[\uDC00-\uDFFF]/u.test(text[from] ?? "") ? from + 1 : from) : from + space + 1;
}
