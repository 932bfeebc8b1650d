import { isSymlinkMode } from "../../../../contracts/file-mode.ts";
import { manifestPaths, readManifest } from "../../../../domain/packages/manifests.ts";
import type { Manifest } from "../../../../domain/packages/types.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import type { StepContext } from "./deps.ts";
import { readBlobs } from "./base-blobs.ts";
import { repositoryOf } from "./run-spec.ts";
import { baseCommitOf } from "./workspace.ts";

/** Larger manifests are not read. */
const maxManifestBytes = 1_000_000;

/** A lane's manifests at its base commit, and the contents that had to be read from the forge for them, by git blob id. */
export interface BaseManifests {
  readonly manifests: readonly Manifest[];
  readonly baseBlobs: ReadonlyMap<string, Uint8Array>;
}

/** Reads the manifests of a lane's base commit from the forge; contents that the journal has are not read again. Throws PortError. */
export async function readBaseManifests(
  { deps, journal }: Pick<StepContext, "deps" | "journal">,
  lane: LaneView,
): Promise<BaseManifests> {
  const repository = repositoryOf(journal.spec, lane.id);
  const commit = baseCommitOf(lane);
  const tree = await deps.forge.getTree(repository, commit);
  const files = new Map(
    tree.filter(({ mode, type }) => type === "blob" && !isSymlinkMode(mode)).map((entry) => [entry.path, entry]),
  );
  const entries = manifestPaths([...files.keys()]).flatMap((path) => files.get(path) ?? []);
  const small = entries.filter(({ sizeBytes = 0 }) => sizeBytes <= maxManifestBytes);
  const lacking = small.flatMap(({ blob }) => (journal.baseBlob(blob) === undefined ? [blob] : []));
  const baseBlobs = await readBlobs(deps.forge, repository, lacking);
  const manifests: Manifest[] = [];
  for (const { blob, path } of small) {
    const bytes = journal.baseBlob(blob) ?? baseBlobs.get(blob);
    const manifest = bytes === undefined ? undefined : manifestOf(path, bytes);
    if (manifest !== undefined) manifests.push(manifest);
  }
  return { manifests, baseBlobs };
}

/** The manifests as they are once the changes are applied. */
export function manifestsAfter(before: readonly Manifest[], changes: readonly TreeChange[]): readonly Manifest[] {
  const changed = new Map(changes.map((change) => [change.path, change]));
  const kept = before.filter(({ path }) => !changed.has(path));
  const written = manifestPaths([...changed.keys()]).flatMap((path) => {
    const bytes = changed.get(path)?.bytes;
    return (bytes === undefined ? undefined : manifestOf(path, bytes)) ?? [];
  });
  return [...kept, ...written];
}

function manifestOf(path: string, bytes: Uint8Array): Manifest | undefined {
  const text = bytes.length > maxManifestBytes ? undefined : asText(bytes);
  return text === undefined ? undefined : readManifest(path, text);
}
