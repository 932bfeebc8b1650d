import type { Companion } from "../../../../contracts/lane.ts";
import { patchSetHash } from "../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import type { RunJournal } from "./journal.ts";

/**
 * Whether changes are, byte for byte and from the same base, the work of the lane's newest patch set, whatever the patch set is called.
 * `companions`: the links that go with the changes; without them only the work counts.
 */
export function isProposedWork(
  journal: Pick<RunJournal, "patchSetChanges">,
  { baseCommit, id, patchSet }: LaneView,
  changes: readonly TreeChange[],
  companions?: readonly Companion[],
): boolean {
  const proposed = patchSet === undefined ? undefined : journal.patchSetChanges(patchSet.hash);
  if (patchSet === undefined || proposed === undefined || baseCommit !== patchSet.baseCommit) return false;
  const links = companions ?? patchSet.companions;
  return patchSetHash(id, baseCommit, changes, links) === patchSetHash(id, baseCommit, proposed, patchSet.companions);
}
