import { parseStored } from "../../domain/parse-stored.ts";
import { emptyView, type RunView } from "../../domain/run/fold.ts";
import { foldVersion } from "../../domain/run/fold-version.ts";
import type { RunStore } from "./store.ts";

/** Events between two snapshots, and so the most events that a waking object has to fold. */
export const snapshotEvery = 500;
const factName = "view_snapshot";
/** A row holds 2 MB; a view that is longer is not kept, and the object folds its events. */
const maxCharacters = 900_000;

/** The view after the events up to `seq`, so that waking folds only those after it. */
export interface Snapshot {
  readonly seq: number;
  readonly epoch: number;
  readonly view: RunView;
}

/** The snapshot that this code's fold has kept, if it has. One of another fold counts for nothing: the events are the truth. */
export function readSnapshot(store: RunStore): Snapshot | undefined {
  const text = store.fact(factName);
  if (text === undefined) return undefined;
  const { foldVersion: version, ...kept }: Snapshot & { readonly foldVersion: string } = parseStored(text);
  return version === foldVersion ? { ...kept, view: { ...emptyView, ...kept.view } } : undefined;
}

/** Keeps the view in the place of the one before. */
export function keepSnapshot(store: RunStore, snapshot: Snapshot, atMs: number): void {
  const text = JSON.stringify({ foldVersion, ...snapshot });
  store.apply({ events: [], facts: { [factName]: text.length > maxCharacters ? null : text } }, atMs);
}
