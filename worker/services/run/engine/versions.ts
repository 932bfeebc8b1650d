import type { PackageBump } from "../../../../contracts/lane.ts";
import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { ChangedText } from "../../../../domain/packages/package-change.ts";
import { versionBumps, type PackageVersion } from "../../../../domain/packages/version-bumps.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { PolicyViolation } from "../../../../domain/policy/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import type { StepContext } from "./deps.ts";
import { manifestsAfter, readBaseManifests } from "./manifests.ts";
import { loadBaseBlobs } from "./base-blobs.ts";

/** The version-bump matrix of a run's work, its warnings by lane, and the base contents that it took. */
export interface ComparedVersions {
  readonly events: readonly NewRunEvent[];
  readonly warnings: ReadonlyMap<string, readonly PolicyViolation[]>;
  readonly baseBlobs: ReadonlyMap<string, Uint8Array>;
}

/**
 * Compares the versions of the lanes' packages before and after the work. Nothing is compared in a run over one repository: there is no
 * consumer that it could see. Throws PortError.
 */
export async function compareVersions(
  context: StepContext,
  work: readonly { readonly lane: LaneView; readonly changes: readonly TreeChange[] }[],
): Promise<ComparedVersions> {
  const baseBlobs = new Map<string, Uint8Array>();
  if (work.length < 2) return { events: [], warnings: new Map(), baseBlobs };
  const repositories = [];
  for (const { changes, lane } of work) {
    const base = await readBaseManifests(context, lane);
    const before = await loadBaseBlobs(context, lane, changes);
    for (const [blob, bytes] of [...base.baseBlobs, ...before]) baseBlobs.set(blob, bytes);
    repositories.push({
      repositoryId: lane.id,
      name: lane.name,
      manifestsBefore: base.manifests,
      manifestsAfter: manifestsAfter(base.manifests, changes),
      changes: changes.map((change) => changedText(context, before, change)),
    });
  }
  const { packages, warnings } = versionBumps(repositories);
  const found = new Map<string, PolicyViolation[]>();
  for (const { message, path, repositoryId, rule } of warnings)
    found.set(repositoryId, [
      ...(found.get(repositoryId) ?? []),
      { rule, severity: "WARN", path, line: null, message },
    ]);
  return {
    events: [{ type: "versions.compared", data: { packages: packages.map(shownPackage) } }],
    warnings: found,
    baseBlobs,
  };
}

function changedText(
  { journal }: StepContext,
  base: ReadonlyMap<string, Uint8Array>,
  { beforeBlob, bytes, path }: TreeChange,
): ChangedText {
  const before = beforeBlob === undefined ? undefined : (base.get(beforeBlob) ?? journal.baseBlob(beforeBlob));
  return {
    path,
    before: before === undefined ? undefined : asText(before),
    after: bytes === undefined ? undefined : asText(bytes),
  };
}

function shownPackage({ consumers, from, to, ...rest }: PackageVersion): PackageBump {
  return {
    ...rest,
    from: from ?? null,
    to: to ?? null,
    consumers: consumers.map(({ isKnown, path, range, rangeBefore, repositoryId, satisfied }) => ({
      repositoryId,
      path,
      range,
      rangeBefore: rangeBefore ?? null,
      satisfied,
      isKnown,
    })),
  };
}
