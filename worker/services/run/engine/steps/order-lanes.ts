import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { manifestPaths, readManifest } from "../../../../../domain/packages/manifests.ts";
import { orderRepositories } from "../../../../../domain/packages/dependency-order.ts";
import type { Manifest } from "../../../../../domain/packages/types.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { chosenLanes, findLane } from "../../../../../domain/run/lanes.ts";
import type { StepContext } from "../deps.ts";
import { move } from "../move.ts";
import { readLaneText } from "../repository-facts.ts";
import { ensureWorkspace, laneDir, sandboxId, workDir } from "../workspace.ts";

const maxManifestBytes = 1_000_000;

/**
 * Puts the lanes into the order in which they are written: libraries before their consumers, by the packages that the repositories
 * declare and by the project's own setting. Lanes that depend on each other stop the run until a person has ordered them; returns true
 * then. Nothing is done in a run over one repository.
 */
export async function orderLanes(context: StepContext): Promise<boolean> {
  const { epoch, journal } = context;
  const view = journal.view();
  const lanes = chosenLanes(view);
  if (view.isOrdered && view.laneCycle.length === 0) return false;
  if (view.isOrdered) return stopForOrder(context);
  if (lanes.length < 2) return false;
  await ensureWorkspace(context);
  const repositories = await Promise.all(
    lanes.map(async (lane) => ({
      repositoryId: lane.id,
      name: lane.name,
      manifests: await readManifests(context, lane),
      declaredDependsOn: lane.dependsOn,
    })),
  );
  const { cycle, edges, order } = orderRepositories(repositories);
  const ordered: NewRunEvent = {
    type: "lanes.ordered",
    data: {
      order: [...order],
      edges: edges.map((edge) => ({ ...edge })),
      cycle: [...(cycle ?? [])],
      by: { kind: "system", name: "dependency order" },
    },
  };
  journal.commit({ events: [ordered] }, epoch);
  return cycle === undefined ? false : stopForOrder(context);
}

/** The manifests of a lane's work. */
export async function readManifests(context: StepContext, lane: LaneView): Promise<readonly Manifest[]> {
  const { deps, journal } = context;
  const options = { recursive: true, limit: 50_000 };
  const { entries } = await deps.sandbox.list(sandboxId(journal.spec.runId), laneDir(workDir, lane), options);
  const paths = manifestPaths(entries.flatMap(({ kind, path }) => (kind === "file" ? [path] : [])));
  const manifests: Manifest[] = [];
  for (const path of paths) {
    const text = await readLaneText(context, lane, path, maxManifestBytes);
    const manifest = text === undefined ? undefined : readManifest(path, text);
    if (manifest !== undefined) manifests.push(manifest);
  }
  return manifests;
}

function stopForOrder({ epoch, journal }: StepContext): boolean {
  const view = journal.view();
  const names = view.laneCycle.map((id) => findLane(view, id)?.name ?? id);
  const cause = `${names.join(", ")} depend on each other, so the order of their pull requests is open. Order the repositories, then resume.`;
  journal.commit({ events: [move(view, "human_needed", cause).event] }, epoch);
  return true;
}
