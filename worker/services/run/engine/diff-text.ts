import { createTwoFilesPatch } from "diff";
import { isReadable, readContent } from "../../../../domain/patch-set/content.ts";
import { fewestEdits } from "../../../../domain/patch-set/line-diff.ts";
import { lineStat } from "../../../../domain/patch-set/text.ts";
import { sortChanges } from "../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";

const maxDiffCharacters = 200_000;
/** The work of comparing files for one text grows with the square of each one's changed lines; all together may take this much. */
const maxWork = 1_000 ** 2;

/** The changes as one unified diff for a reader (never to be applied): binary files and modes are named, not shown. */
export function renderDiff(changes: readonly TreeChange[], baseBlob: (blob: string) => Uint8Array | undefined): string {
  let diff = "";
  let workLeft = maxWork;
  for (const change of sortChanges(changes)) {
    const before = change.beforeBlob === undefined ? new Uint8Array() : baseBlob(change.beforeBlob);
    const contents = [before, change.bytes ?? new Uint8Array()].map((bytes) =>
      bytes === undefined ? undefined : readContent(bytes),
    );
    const [beforeText, afterText] = contents.map((content) =>
      content !== undefined && isReadable(content) ? content.text : undefined,
    );
    const isModeChanged = change.beforeMode !== change.afterMode && change.status === "modified";
    const header = `${change.status} ${change.path}${isModeChanged ? ` (mode ${change.beforeMode} to ${change.afterMode})` : ""}\n`;
    if (before === undefined) {
      diff += `${header}(the content before the change is too large to show; after it ${change.bytes === undefined ? "there is none" : `${change.bytes.length} bytes`})\n`;
      continue;
    }
    if (beforeText === undefined || afterText === undefined) {
      diff += `${header}(binary, ${change.bytes?.length ?? 0} bytes)\n`;
      continue;
    }
    // The diff below shows no mode, and nothing at all where only the mode changes.
    if (isModeChanged) diff += header;
    const names: readonly [string, string] = [
      change.status === "added" ? "/dev/null" : `a/${change.path}`,
      change.status === "deleted" ? "/dev/null" : `b/${change.path}`,
    ];
    const isWhole = beforeText === "" || afterText === "";
    const fewest = isWhole ? 0 : fewestEdits(beforeText, afterText);
    const maxEditLength = isWhole ? Number.MAX_SAFE_INTEGER : Math.floor(Math.sqrt(workLeft));
    const patch =
      fewest > maxEditLength
        ? undefined
        : createTwoFilesPatch(names[0], names[1], beforeText, afterText, undefined, undefined, {
            context: 3,
            maxEditLength,
          });
    if (!isWhole) workLeft -= (patch === undefined && fewest <= maxEditLength ? maxEditLength : fewest) ** 2;
    diff += patch ?? tooDifferent(header, lineStat(beforeText, afterText));
    if (diff.length > maxDiffCharacters)
      return `${diff.slice(0, maxDiffCharacters)}\n[... the diff goes on; read the files ...]`;
  }
  return diff;
}

function tooDifferent(header: string, { additions, deletions }: ReturnType<typeof lineStat>): string {
  return `${header}(${additions} lines added, ${deletions} deleted: too different to show; read the file)\n`;
}
