import { structuredPatch } from "diff";
import type { TrackedEntry } from "./tree.ts";

/** One path's difference as `git diff` prints it; "" when there is none. */
export function unifiedDiff(path: string, before: TrackedEntry | undefined, after: TrackedEntry | undefined): string {
  if (before === after || (before?.blob === after?.blob && before?.mode === after?.mode)) return "";
  const lines = [`diff --git a/${path} b/${path}`];
  if (before === undefined) lines.push(`new file mode ${after?.mode ?? ""}`);
  else if (after === undefined) lines.push(`deleted file mode ${before.mode}`);
  else if (before.mode !== after.mode) lines.push(`old mode ${before.mode}`, `new mode ${after.mode}`);
  if (before?.blob === after?.blob) return `${lines.join("\n")}\n`;
  const mode = before !== undefined && before.mode === after?.mode ? ` ${before.mode}` : "";
  lines.push(`index ${short(before)}..${short(after)}${mode}`);
  const names = [
    before === undefined ? "/dev/null" : `a/${path}`,
    after === undefined ? "/dev/null" : `b/${path}`,
  ] as const;
  if ([before, after].some((entry) => entry?.bytes.subarray(0, 8000).includes(0)))
    return `${[...lines, `Binary files ${names[0]} and ${names[1]} differ`].join("\n")}\n`;
  const { hunks } = structuredPatch(path, path, textOf(before), textOf(after), undefined, undefined, { context: 3 });
  if (hunks.length === 0) return `${lines.join("\n")}\n`;
  lines.push(`--- ${names[0]}`, `+++ ${names[1]}`);
  for (const hunk of hunks) {
    lines.push(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`, ...hunk.lines);
  }
  return `${lines.join("\n")}\n`;
}

function range(start: number, count: number): string {
  return count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`;
}

function short(entry: TrackedEntry | undefined): string {
  return (entry?.blob ?? "0".repeat(40)).slice(0, 7);
}

function textOf(entry: TrackedEntry | undefined): string {
  return entry === undefined ? "" : new TextDecoder().decode(entry.bytes);
}
