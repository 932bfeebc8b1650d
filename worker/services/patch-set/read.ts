import type { PatchContent, PatchSet } from "../../../contracts/patch-set.ts";
import type { PullFile } from "../../../contracts/review.ts";
import type { RunEvent, RunEventType } from "../../../contracts/run-events.ts";
import { isReadable, readContent, type ReadContent } from "../../../domain/patch-set/content.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { redactSecrets } from "../../../domain/policy/secrets.ts";
import { shownName } from "../../../domain/policy/shown-name.ts";

const maxTextCharacters = 2_000_000;

/** Types of the events that patch sets are made of. */
export const patchSetEvents = [
  "patch_set.proposed",
  "patch_set.withdrawn",
  "policy.evaluated",
  "approval.decided",
] as const satisfies readonly RunEventType[];

/** Every patch set that a run has proposed, newest first, from its events. A newer one of the same lane supersedes it. */
export function patchSetsOf(events: Iterable<RunEvent>): readonly PatchSet[] {
  const sets: PatchSet[] = [];
  /** Changes the newest patch set of a lane, where the event speaks of that one. */
  const change = (isMeant: (set: PatchSet) => boolean, fields: Partial<PatchSet>): void => {
    const at = sets.findLastIndex(isMeant);
    const set = sets[at];
    if (set !== undefined && !set.superseded) sets[at] = { ...set, ...fields };
  };
  for (const event of events) {
    if (event.type === "patch_set.proposed") {
      const { repositoryId } = event.data;
      change((set) => set.repositoryId === repositoryId, { superseded: true });
      sets.push({ ...event.data, violations: [], approval: null, superseded: false, createdAtMs: event.atMs });
    } else if (event.type === "patch_set.withdrawn") {
      const { repositoryId } = event.data;
      change((set) => set.repositoryId === repositoryId, { superseded: true });
    } else if (event.type === "policy.evaluated") {
      const { hash, violations } = event.data;
      change((set) => set.hash === hash, { violations });
    } else if (event.type === "approval.decided") {
      const { repositoryId: _lane, ...approval } = event.data;
      change((set) => set.hash === approval.hash, { approval });
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
  const before = base === undefined ? null : readContent(base);
  const after = change.bytes === undefined ? null : readContent(change.bytes);
  // Content of the base that was too large to be read is no text to show either.
  const isUnread = change.beforeBlob !== undefined && base === undefined;
  const isBinary = isUnread || [before, after].some((content) => content !== null && !isReadable(content));
  const shown = (content: ReadContent | null): string | null =>
    content === null || isBinary ? null : redactSecrets(content.text.slice(0, maxTextCharacters));
  return {
    path: shownName(change.path),
    before: shown(before),
    after: shown(after),
    isBinary,
    beforeEncoding: before?.encoding ?? null,
    afterEncoding: after?.encoding ?? null,
    truncated: [before, after].some((content) => (content?.text.length ?? 0) > maxTextCharacters),
  };
}
