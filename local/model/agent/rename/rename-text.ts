import type { TextEdit } from "../repair/types.ts";
import { unmistakable, wholeWord } from "./rename-code.ts";

/** Whether a path is documentation in which code spans are renamed too. */
export function isDocument(path: string): boolean {
  return /\.(?:md|mdx|markdown|rst|txt|adoc)$/iu.test(path);
}

/**
 * Edits that rename a name in a document: inside code spans and fences, and elsewhere when the name can't be a common
 * word (it has a capital inside, a digit, `_`, `$`, a leading dash, or is followed by a bracket).
 */
export function renameInDocument(text: string, from: string, to: string): readonly TextEdit[] {
  const certain = unmistakable(from);
  const code = [...text.matchAll(/^ {0,3}(`{3,}|~{3,})[^]*?^ {0,3}\1|`[^`\n]+`|^(?: {4}|\t).*$/gmu)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  return [...text.matchAll(wholeWord(from))].flatMap((match) => {
    const start = match.index;
    const end = start + from.length;
    const inCode = code.some(([first, last]) => start >= first && end <= last);
    return inCode || certain || text.charAt(end) === "(" ? [{ start, end, text: to }] : [];
  });
}

/** Edits that rename a command line flag (`--old`) wherever it is written out. */
export function renameFlag(text: string, from: string, to: string): readonly TextEdit[] {
  const flag = new RegExp(`(?<![\\w-])${from}(?![\\w-])`, "gu");
  return [...text.matchAll(flag)].map((match) => ({ start: match.index, end: match.index + from.length, text: to }));
}
