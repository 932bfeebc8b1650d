import type { TreeChange } from "../../domain/patch-set/types.ts";
import { dependsOn, type LaneSeen } from "./lane-seen.ts";
import { must } from "./violation.ts";

/** Checks that libraries come before their consumers, unless they depend on each other, which the run must report. */
export function checkOrder(chosen: readonly LaneSeen[], order: readonly string[], cycle: readonly string[]): void {
  const isCyclic = chosen.some((lane) => dependsOn(lane, lane, chosen));
  must(
    isCyclic === cycle.length > 0,
    "a-cycle-is-said",
    () => `said ${cycle.join(", ") || "none"}, there is ${isCyclic ? "one" : "none"}`,
  );
  if (isCyclic) return;
  for (const lane of chosen)
    for (const other of chosen)
      must(
        !lane.dependsOn.has(other.id) || order.indexOf(other.id) < order.indexOf(lane.id),
        "libraries-come-first",
        () => `${order.join(", ")}, and ${lane.id} depends on ${other.id}`,
      );
}

/** Checks that the files of acknowledged writes in a lane, by path from the root, are in the lane's changes. */
export function checkWritten(
  { folder }: LaneSeen,
  changes: readonly TreeChange[],
  written: ReadonlyMap<string, string>,
): void {
  for (const [rooted, content] of written) {
    const path = folder === "" ? rooted : rooted.slice(folder.length + 1);
    if (folder !== "" && !rooted.startsWith(`${folder}/`)) continue;
    const change = changes.find((candidate) => candidate.path === path);
    const text = change?.bytes === undefined ? undefined : new TextDecoder().decode(change.bytes);
    must(
      text === content,
      "work-is-never-lost",
      () => `${rooted} has ${JSON.stringify(text)}, the agent was told ${JSON.stringify(content)}`,
    );
  }
}
