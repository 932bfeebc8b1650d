import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { orderRepositories } from "../../../../../domain/packages/dependency-order.ts";
import { chosenLanes, findLane } from "../../../../../domain/run/lanes.ts";
import type { StepContext } from "../deps.ts";
import { readBaseManifests } from "../manifests.ts";
import { move } from "../../../../../domain/run/move.ts";

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
  // Pull requests that are open have their order for good.
  if (lanes.length < 2 || lanes.some(({ pullRequest }) => pullRequest !== undefined)) return false;
  const baseBlobs = new Map<string, Uint8Array>();
  const repositories = [];
  for (const lane of lanes) {
    const base = await readBaseManifests(context, lane);
    for (const [blob, bytes] of base.baseBlobs) baseBlobs.set(blob, bytes);
    const { dependsOn: declaredDependsOn, id: repositoryId, name } = lane;
    repositories.push({ repositoryId, name, manifests: base.manifests, declaredDependsOn });
  }
  // A person may have ordered them while the manifests were read: a person's order stands.
  if (journal.view().isOrdered) return false;
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
  journal.commit({ events: [ordered], baseBlobs }, epoch);
  return cycle === undefined ? false : stopForOrder(context);
}

function stopForOrder({ epoch, journal }: StepContext): boolean {
  const view = journal.view();
  const names = view.laneCycle.map((id) => findLane(view, id)?.name ?? id);
  const cause = `${names.join(", ")} depend on each other, so the order of their pull requests is open. Order the repositories, then resume.`;
  journal.commit({ events: [move(view, "human_needed", cause).event] }, epoch);
  return true;
}
