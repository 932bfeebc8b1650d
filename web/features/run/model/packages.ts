import type { PackageBump } from "../../../../contracts/lane.ts";

const strength: Readonly<Record<PackageBump["needed"], number>> = { none: 0, patch: 1, minor: 2, major: 3 };

/** True when the version rises by less than the change needs, falls, or can't be read. A larger step than needed is no fault. */
export function isWrongBump({ bump, needed }: Pick<PackageBump, "bump" | "needed">): boolean {
  if (bump === "lower" || bump === "invalid") return true;
  return strength[bump] < strength[needed];
}

/** Whether a consumer's range admits the new version. */
export type RangeState = "satisfied" | "unsatisfied" | "unknown";

export function rangeState({ isKnown, satisfied }: PackageBump["consumers"][number]): RangeState {
  if (!isKnown) return "unknown";
  return satisfied ? "satisfied" : "unsatisfied";
}

/** Counts a run's wrong version bumps and the consumers whose range does not admit the new version. */
export function mismatches(packages: readonly PackageBump[]): number {
  return packages.reduce(
    (sum, each) =>
      sum +
      (isWrongBump(each) ? 1 : 0) +
      each.consumers.filter((consumer) => rangeState(consumer) === "unsatisfied").length,
    0,
  );
}
