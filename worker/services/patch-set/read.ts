import type { PatchContent, PatchSet } from "../../../contracts/patch-set.ts";
import type { PullFile } from "../../../contracts/review.ts";
import type { RunEvent, RunEventType } from "../../../contracts/run-events.ts";
import { asText } from "../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { redactSecrets } from "../../../domain/policy/secrets.ts";

const maxTextCharacters = 2_000_000;

/** Types of the events that patch sets are made of. */
export const patchSetEvents = [
  "patch_set.proposed",
  "policy.evaluated",
  "approval.decided",
] as const satisfies readonly RunEventType[];

/** Every patch set that a run has proposed, newest first, from its events. */
export function patchSetsOf(events: Iterable<RunEvent>): readonly PatchSet[] {
  const sets: PatchSet[] = [];
  for (const event of events) {
    const last = sets.at(-1);
    if (event.type === "patch_set.proposed") {
      if (last !== undefined) sets[sets.length - 1] = { ...last, superseded: true };
      sets.push({ ...event.data, violations: [], approval: null, superseded: false, createdAtMs: event.atMs });
    } else if (event.type === "policy.evaluated" && last?.hash === event.data.hash) {
      sets[sets.length - 1] = { ...last, violations: event.data.violations };
    } else if (event.type === "approval.decided" && last?.hash === event.data.hash) {
      sets[sets.length - 1] = { ...last, approval: event.data };
    }
  }
  return sets.reverse();
}

/** The files of a pull request for a viewer. Credentials are hidden, line by line, so that line numbers stay. */
export function shownPullFiles(files: readonly PullFile[]): readonly PullFile[] {
  return files.map((file) => ({ ...file, patch: file.patch === null ? null : redactSecrets(file.patch) }));
}

/** Both sides of one change for a viewer. Credentials are hidden; the hash still speaks of the real bytes. */
export function patchContentOf(change: TreeChange, base: Uint8Array | undefined): PatchContent {
  const before = base === undefined ? null : asText(base);
  const after = change.bytes === undefined ? null : asText(change.bytes);
  const isBinary = before === undefined || after === undefined;
  const shown = (text: string | null | undefined): string | null =>
    isBinary || text === null || text === undefined ? null : redactSecrets(text.slice(0, maxTextCharacters));
  return {
    path: change.path,
    before: shown(before),
    after: shown(after),
    isBinary,
    truncated: (before?.length ?? 0) > maxTextCharacters || (after?.length ?? 0) > maxTextCharacters,
  };
}
