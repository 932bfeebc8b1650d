import { diffLines } from "diff";

/** The content as text, or undefined when it is binary: a NUL in it or bytes that are not UTF-8. */
export function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lines added and deleted between two texts; a missing side is empty. Past a second of work, whole-file counts. */
export function lineStat(before: string, after: string): { readonly additions: number; readonly deletions: number } {
  const parts = diffLines(before, after, { timeout: 1000 });
  if (parts === undefined) return { additions: countLines(after), deletions: countLines(before) };
  let additions = 0;
  let deletions = 0;
  for (const part of parts) {
    if (part.added) additions += part.count;
    else if (part.removed) deletions += part.count;
  }
  return { additions, deletions };
}

function countLines(text: string): number {
  return text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** A line that a patch adds, with its number in the new file. */
export interface AddedLine {
  readonly line: number;
  readonly text: string;
}

/** Lines that are in `after` and not in `before`, in order. */
export function addedLines(before: string, after: string): readonly AddedLine[] {
  const parts = diffLines(before, after, { timeout: 1000 }) ?? [
    { value: after, added: true, removed: false, count: 0 },
  ];
  const lines: AddedLine[] = [];
  let line = 1;
  for (const part of parts) {
    if (part.removed) continue;
    const texts = part.value.split("\n");
    if (texts.at(-1) === "") texts.pop();
    for (const text of texts) {
      if (part.added) lines.push({ line, text });
      line += 1;
    }
  }
  return lines;
}
