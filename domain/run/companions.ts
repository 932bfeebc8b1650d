import type { Companion } from "../../contracts/lane.ts";
import type { LaneView } from "./lane-view.ts";

/**
 * The other pull requests that a lane's pull request links to, in the order in which they open, each with whether it has to be
 * merged first. Lanes depend on each other through any number of steps, also through lanes that change nothing. Of two that depend on which a
 * each other, the first in the order of the lanes, which a person has given then, is merged first.
 *
 * @param delivered the lanes of the delivery, in their order
 * @param lanes the lanes that the run works on
 */
export function companionsOf(
  lane: LaneView,
  delivered: readonly LaneView[],
  lanes: readonly LaneView[],
): readonly Companion[] {
  const at = delivered.findIndex(({ id }) => id === lane.id);
  return delivered.flatMap((other, index): readonly Companion[] => {
    if (index === at) return [];
    const { id: repositoryId, name, owner } = other;
    const isBefore = index < at && reaches(lane, other, lanes);
    const isAfter = index > at && reaches(other, lane, lanes);
    return [{ repositoryId, owner, name, merge: isBefore ? "before" : isAfter ? "after" : "beside" }];
  });
}

/** Whether `from` depends on `to`, directly or through others. */
function reaches(from: LaneView, to: LaneView, lanes: readonly LaneView[]): boolean {
  const seen = new Set<string>();
  const open = [...from.dependsOn];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(lanes.find((lane) => lane.id === id)?.dependsOn ?? []));
  }
  return false;
}
