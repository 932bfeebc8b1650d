import { createTwoFilesPatch } from "diff";
import { asText } from "../../../../domain/patch-set/text.ts";
import { sortChanges } from "../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";

const maxDiffCharacters = 200_000;

/** The changes as one unified diff for a reader (never to be applied): binary files and modes are named, not shown. */
export function renderDiff(changes: readonly TreeChange[], baseBlob: (blob: string) => Uint8Array | undefined): string {
  let diff = "";
  for (const change of sortChanges(changes)) {
    const before = change.beforeBlob === undefined ? new Uint8Array() : baseBlob(change.beforeBlob);
    const beforeText = before === undefined ? undefined : asText(before);
    const afterText = change.bytes === undefined ? "" : asText(change.bytes);
    const header = `${change.status} ${change.path}${change.beforeMode !== change.afterMode && change.status === "modified" ? ` (mode ${change.beforeMode} to ${change.afterMode})` : ""}\n`;
    if (beforeText === undefined || afterText === undefined) {
      diff += `${header}(binary, ${change.bytes?.length ?? 0} bytes)\n`;
      continue;
    }
    const names: readonly [string, string] = [
      change.status === "added" ? "/dev/null" : `a/${change.path}`,
      change.status === "deleted" ? "/dev/null" : `b/${change.path}`,
    ];
    diff +=
      createTwoFilesPatch(names[0], names[1], beforeText, afterText, undefined, undefined, {
        context: 3,
        timeout: 2000,
      }) ?? `${header}(too different to show)\n`;
    if (diff.length > maxDiffCharacters)
      return `${diff.slice(0, maxDiffCharacters)}\n[... the diff goes on; read the files ...]`;
  }
  return diff;
}
