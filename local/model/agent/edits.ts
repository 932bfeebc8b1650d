import type { ToolCall } from "../wire/conversation.ts";
import type { TextEdit } from "./repair/types.ts";
import { tool } from "./work.ts";

/** The text with all edits made. Edits must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const edit of inOrder(edits).toReversed())
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return result;
}

/**
 * `edit_file` calls that make the edits, in the order in which they must run. Each replaces whole lines, with as many
 * lines around as it takes for the old text to occur once in the file as it is by then.
 */
export function editCalls(path: string, text: string, edits: readonly TextEdit[]): readonly ToolCall[] {
  let current = text;
  let shift = 0;
  return regions(text, inOrder(edits)).map((region) => {
    let start = region.start + shift;
    let end = region.end + shift;
    const inner = applyEdits(
      text.slice(region.start, region.end),
      region.edits.map((edit) => moved(edit, -region.start)),
    );
    let lead = "";
    let tail = "";
    while (
      current.slice(start, end) === "" ||
      current.indexOf(current.slice(start, end)) !== current.lastIndexOf(current.slice(start, end))
    ) {
      if (start === 0 && end >= current.length) break;
      const from = start === 0 ? 0 : current.lastIndexOf("\n", start - 2) + 1;
      lead = current.slice(from, start) + lead;
      start = from;
      const to = nextLineEnd(current, end);
      tail += current.slice(end, to);
      end = to;
    }
    const old_string = current.slice(start, end);
    const new_string = lead + inner + tail;
    current = current.slice(0, start) + new_string + current.slice(end);
    shift += new_string.length - old_string.length;
    return tool("edit_file", { path, old_string, new_string });
  });
}

interface Region {
  readonly start: number;
  readonly end: number;
  readonly edits: readonly TextEdit[];
}

/** Edits grouped by the lines that they touch, each region without its last line break. */
function regions(text: string, edits: readonly TextEdit[]): readonly Region[] {
  const found: { start: number; end: number; edits: TextEdit[] }[] = [];
  for (const edit of edits) {
    const start = text.lastIndexOf("\n", edit.start - 1) + 1;
    const end = lineEnd(text, edit.end);
    const last = found.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.edits.push(edit);
    } else found.push({ start, end, edits: [edit] });
  }
  return found;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at;
}

function nextLineEnd(text: string, from: number): number {
  return from >= text.length ? text.length : lineEnd(text, from + 1);
}

function inOrder(edits: readonly TextEdit[]): readonly TextEdit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function moved(edit: TextEdit, by: number): TextEdit {
  return { start: edit.start + by, end: edit.end + by, text: edit.text };
}

/** Edits that undo the given ones, in offsets of the changed text. */
export function inverse(text: string, edits: readonly TextEdit[]): readonly TextEdit[] {
  let shift = 0;
  return inOrder(edits).map((edit) => {
    const start = edit.start + shift;
    shift += edit.text.length - (edit.end - edit.start);
    return { start, end: start + edit.text.length, text: text.slice(edit.start, edit.end) };
  });
}
