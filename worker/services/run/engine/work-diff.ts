import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import { chosenLanes, rootPath } from "../../../../domain/run/lanes.ts";
import type { StepContext } from "./deps.ts";
import { renderDiff } from "./diff-text.ts";
import { loadBaseBlobs } from "./base-blobs.ts";

/** The saved work of all lanes as one diff without credentials, its paths from the workspace's root, and the base contents that it took. Throws PortError. */
export async function workDiff(
  context: StepContext,
): Promise<{ readonly diff: string; readonly baseBlobs: ReadonlyMap<string, Uint8Array> }> {
  const { journal } = context;
  const baseBlobs = new Map<string, Uint8Array>();
  const changes = [];
  for (const lane of chosenLanes(journal.view())) {
    const work = journal.work(lane.id);
    for (const [blob, bytes] of await loadBaseBlobs(context, lane, work)) baseBlobs.set(blob, bytes);
    changes.push(...work.map((change) => ({ ...change, path: rootPath(lane, change.path) })));
  }
  const diff = renderDiff(changes, (blob) => baseBlobs.get(blob) ?? journal.baseBlob(blob));
  return { baseBlobs, diff: redactSecrets(diff) };
}
