/** One changed file of a unified diff. */
export interface FileDiff {
  readonly path: string;
  readonly removed: boolean;
  readonly added: readonly DiffLine[];
  readonly deleted: readonly DiffLine[];
}

export interface DiffLine {
  /** Line number in the new file for added lines, in the old file for deleted ones. */
  readonly line: number;
  readonly text: string;
}

/** Reads a unified diff as git writes it; parts that are no diff are passed over. */
export function readDiff(diff: string): readonly FileDiff[] {
  const files: { path: string; removed: boolean; added: DiffLine[]; deleted: DiffLine[] }[] = [];
  let old = 0;
  let now = 0;
  let leftOld = 0;
  let leftNow = 0;
  for (const text of diff.split("\n")) {
    const inHunk = leftOld > 0 || leftNow > 0;
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(text);
    const file = files.at(-1);
    if (hunk && !inHunk) {
      [old, now] = [Number(hunk[1]), Number(hunk[3])];
      [leftOld, leftNow] = [Number(hunk[2] ?? 1), Number(hunk[4] ?? 1)];
    } else if (inHunk && file) {
      if (text.startsWith("+")) {
        file.added.push({ line: now++, text: text.slice(1) });
        leftNow -= 1;
      } else if (text.startsWith("-")) {
        file.deleted.push({ line: old++, text: text.slice(1) });
        leftOld -= 1;
      } else if (!text.startsWith("\\")) {
        old += 1;
        now += 1;
        leftOld -= 1;
        leftNow -= 1;
      }
    } else if (/^diff --git /u.test(text)) {
      files.push({
        path: /^diff --git a\/(.+) b\/(.+)$/u.exec(text)?.[2] ?? "",
        removed: false,
        added: [],
        deleted: [],
      });
    } else if (
      /^--- /u.test(text) &&
      !/^--- \/dev\/null/u.test(text) &&
      (file === undefined || file.added.length + file.deleted.length > 0)
    ) {
      files.push({
        path: text.slice(4).replace(/^a\//u, "").replace(/\t.*$/u, ""),
        removed: false,
        added: [],
        deleted: [],
      });
    } else if (file && (/^\+\+\+ \/dev\/null/u.test(text) || /^deleted file mode/u.test(text))) file.removed = true;
    else if (file && /^\+\+\+ b\//u.test(text)) file.path = text.slice(6).replace(/\t.*$/u, "");
  }
  return files.filter((file) => file.path !== "");
}
