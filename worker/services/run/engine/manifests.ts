import { manifestPaths, readManifest } from "../../../../domain/packages/manifests.ts";
import type { Manifest } from "../../../../domain/packages/types.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import type { StepContext } from "./deps.ts";
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
  const files = new Map(tree.filter(({ type }) => type === "blob").map((entry) => [entry.path, entry]));
  const baseBlobs = new Map<string, Uint8Array>();
  const manifests: Manifest[] = [];
  for (const path of manifestPaths([...files.keys()])) {
    const entry = files.get(path);
    if (entry === undefined || (entry.sizeBytes ?? 0) > maxManifestBytes) continue;
    const known = journal.baseBlob(entry.blob);
    const bytes = known ?? (await deps.forge.getFile(repository, commit, path));
    if (known === undefined) baseBlobs.set(entry.blob, bytes);
    const manifest = manifestOf(path, bytes);
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
