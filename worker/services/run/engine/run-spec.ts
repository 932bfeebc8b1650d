import type { RunRepository, RunSpec } from "../../../ports/run-host.ts";

/** A spec as it was stored before runs had several repositories. */
interface SingleRepositorySpec extends Omit<RunSpec, "repositories"> {
  readonly repository: Omit<RunRepository, "testCommand">;
  readonly testCommand: string | null;
}

/** A stored spec as today's code reads it. */
export function upgradeSpec(stored: RunSpec | SingleRepositorySpec): RunSpec {
  if ("repositories" in stored) return stored;
  const { repository, testCommand, ...rest } = stored;
  return { ...rest, repositories: [{ ...repository, testCommand }] };
}

/** The repository of a lane. Throws when the run was not given it. */
export function repositoryOf(spec: RunSpec, repositoryId: string): RunRepository {
  const found = spec.repositories.find(({ id }) => id === repositoryId);
  if (found === undefined) throw new Error(`the run has no repository ${repositoryId}`);
  return found;
}

/** The first repository: the one that a plan or a review is of. */
export function firstRepository(spec: RunSpec): RunRepository {
  const [first] = spec.repositories;
  if (first === undefined) throw new Error("the run was given no repository");
  return first;
}
