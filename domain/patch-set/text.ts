import { keptLines, linesOf, shortestDiff } from "./line-diff.ts";

/** The content as text, or undefined when it is binary: a NUL in it or bytes that are not UTF-8. */
export function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Up to so many added and deleted lines of a file its comparison is the shortest one. */
const maxEdits = 200;

/** Lines added and deleted between two texts; a missing side is empty. Where most of a file was changed the numbers may be higher than needed. */
export function lineStat(before: string, after: string): { readonly additions: number; readonly deletions: number } {
  const parts = shortestDiff(before, after, maxEdits);
  if (parts === undefined) {
    const [beforeLines, afterLines] = [linesOf(before), linesOf(after)];
    const kept = keptLines(beforeLines, afterLines).filter(Boolean).length;
    return { additions: afterLines.length - kept, deletions: beforeLines.length - kept };
  }
  let additions = 0;
  let deletions = 0;
  for (const part of parts) {
    if (part.added) additions += part.count;
    else if (part.removed) deletions += part.count;
  }
  return { additions, deletions };
}

/** A line that a patch adds, with its number in the new file. */
export interface AddedLine {
  readonly line: number;
  readonly text: string;
}

/** Lines that are in `after` and not in `before`, in order. */
export function addedLines(before: string, after: string): readonly AddedLine[] {
  const parts = shortestDiff(before, after, maxEdits);
  if (parts === undefined) {
    const lines = linesOf(after);
    const kept = keptLines(linesOf(before), lines);
    return lines.flatMap((text, index) => (kept[index] === true ? [] : [{ line: index + 1, text }]));
  }
  const lines: AddedLine[] = [];
  let line = 1;
  for (const part of parts) {
    if (part.removed) continue;
    for (const text of linesOf(part.value)) {
      if (part.added) lines.push({ line, text });
      line += 1;
    }
  }
  return lines;
}

/** Lines of `after` that `before` has nowhere, in order; linear in both, whatever they hold. */
export function newLines(before: string, after: string): readonly AddedLine[] {
  const known = new Set(before.split("\n"));
  return after.split("\n").flatMap((text, index) => (known.has(text) ? [] : [{ line: index + 1, text }]));
}
