/** Line numbers of one hunk: its span on the old and on the new side, both ends included. */
export interface Hunk {
  readonly newFrom: number;
  readonly newTo: number;
}

/**
 * The hunks of one file's patch, as the forge gives it (from the first `@@`, no file header), by their span of new lines.
 * A hunk that only deletes spans no new line and is left out. The counts in the header decide, so that a line of code
 * that looks like a header is none.
 */
export function hunksOf(patch: string): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let [oldLeft, newLeft] = [0, 0];
  for (const line of patch.split("\n")) {
    if (oldLeft > 0 || newLeft > 0) {
      if (line.startsWith("+")) newLeft -= 1;
      else if (line.startsWith("-")) oldLeft -= 1;
      else if (!line.startsWith("\\")) {
        oldLeft -= 1;
        newLeft -= 1;
      }
      continue;
    }
    const [, oldCount, newStart, newCount] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(line) ?? [];
    if (newStart === undefined) continue;
    oldLeft = Number(oldCount ?? "1");
    newLeft = Number(newCount ?? "1");
    const from = Number(newStart);
    if (newLeft > 0) hunks.push({ newFrom: from, newTo: from + newLeft - 1 });
  }
  return hunks;
}

/** True when the diff shows these new lines, all in one hunk, as a forge requires of an inline comment. */
export function showsLines(patch: string | null, from: number, to: number): boolean {
  return patch !== null && from <= to && hunksOf(patch).some(({ newFrom, newTo }) => newFrom <= from && to <= newTo);
}
