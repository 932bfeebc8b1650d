import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { PolicyViolation } from "../../../../domain/policy/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import type { StepContext } from "./deps.ts";

/** Warnings of the version-bump matrix, by lane. */
export type VersionWarnings = ReadonlyMap<string, readonly PolicyViolation[]>;

/** Compares the versions of the lanes' packages before and after the work. Nothing is compared in a run over one repository. */
export async function compareVersions(
  _context: StepContext,
  _candidates: readonly { readonly lane: LaneView; readonly changes: readonly TreeChange[] }[],
): Promise<{ readonly events: readonly NewRunEvent[]; readonly warnings: VersionWarnings }> {
  return { events: [], warnings: new Map() };
}
