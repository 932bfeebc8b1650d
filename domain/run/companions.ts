import type { Companion } from "../../contracts/lane.ts";
import type { LaneView } from "./lane-view.ts";

/**
 * The other pull requests that a lane's pull request links to, in the order in which they open, each with whether it has to be
 * merged first. Lanes depend on each other through any number of steps.
 */
export function companionsOf(lane: LaneView, delivered: readonly LaneView[]): readonly Companion[] {
  return delivered
    .filter(({ id }) => id !== lane.id)
    .map((other) => ({
      repositoryId: other.id,
      owner: other.owner,
      name: other.name,
      merge: reaches(lane, other, delivered) ? "before" : reaches(other, lane, delivered) ? "after" : "beside",
    }));
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
