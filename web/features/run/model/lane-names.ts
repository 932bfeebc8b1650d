import type { RunEventData } from "../../../../contracts/run-events.ts";

/** Names of a run's repositories by id; empty for a run over one, whose lines need no name. */
export type LaneNames = ReadonlyMap<string, string>;

/** The distinct names of a run's repositories: with the owner where two have one name. */
export function laneNames(created: Pick<RunEventData<"run.created">, "repositories"> | undefined): LaneNames {
  const given = created?.repositories ?? [];
  if (given.length < 2) return new Map();
  return new Map(
    given.map(({ id, name, owner }) => {
      const isShared = given.some((other) => other.id !== id && other.name === name);
      return [id, isShared ? `${owner}/${name}` : name];
    }),
  );
}

/** The name of a repository; its id when the run was not given it. */
export function nameOf(names: LaneNames, repositoryId: string): string {
  return names.get(repositoryId) ?? `repository ${repositoryId}`;
}

/** Names as a sentence lists them: `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** The repository that an event belongs to, by name; null for an event of the whole run and in a run over one repository. */
export function laneNameOf(names: LaneNames, data: object): string | null {
  const id: unknown = "repositoryId" in data ? data.repositoryId : null;
  return names.size === 0 || typeof id !== "string" ? null : nameOf(names, id);
}

/** A dependency between two repositories with its reason: `app needs units: app/package.json depends on units ^1.2.0`. */
export function edgeWords(
  names: LaneNames,
  { because, from, to }: { readonly because: string; readonly from: string; readonly to: string },
): string {
  return `${nameOf(names, from)} needs ${nameOf(names, to)}: ${because}`;
}
