/** Where a review comment hangs in a file's patch. */
export interface HunkPlace {
  /** Lines below the first hunk header, as GitHub counts positions. */
  readonly position: number;
  readonly line: number;
  readonly side: "LEFT" | "RIGHT";
  /** The hunk's header and its lines up to this one. */
  readonly diffHunk: string;
}

/** Walks a file's patch, naming each line's number on its side; a context line is on both and counts as RIGHT here. */
export function* hunkPlaces(patch: string): Generator<HunkPlace & { readonly otherLine: number | undefined }> {
  let position = -1;
  let [left, right] = [0, 0];
  let hunk: string[] = [];
  for (const text of patch.split("\n")) {
    position += 1;
    const [, leftStart, rightStart] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text) ?? [];
    if (leftStart !== undefined && rightStart !== undefined) {
      [left, right, hunk] = [Number(leftStart), Number(rightStart), [text]];
      continue;
    }
    hunk.push(text);
    const diffHunk = hunk.join("\n");
    if (text.startsWith("+")) yield { position, line: right++, side: "RIGHT", diffHunk, otherLine: undefined };
    else if (text.startsWith("-")) yield { position, line: left++, side: "LEFT", diffHunk, otherLine: undefined };
    else if (!text.startsWith("\\")) yield { position, line: right++, side: "RIGHT", diffHunk, otherLine: left++ };
  }
}

/** Finds the place of a line of one side in a patch; undefined when the diff does not show it. */
export function findPlace(patch: string, line: number, side: "LEFT" | "RIGHT"): HunkPlace | undefined {
  for (const place of hunkPlaces(patch)) {
    if (place.side === side && place.line === line) return place;
    if (side === "LEFT" && place.otherLine === line) return { ...place, side, line };
  }
  return undefined;
}

/** Finds the place of a position in a patch; undefined when there is none. */
export function findPosition(patch: string, position: number): HunkPlace | undefined {
  for (const place of hunkPlaces(patch)) if (place.position === position) return place;
  return undefined;
}
