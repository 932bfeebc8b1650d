import { defaultSandboxSettings } from "../../../../contracts/sandbox.ts";
import type { RunRepository, RunSpec } from "../../../ports/run-host.ts";

/** A repository as it was stored before runs kept the forge's id of it. */
type NamedRepository = Omit<RunRepository, "externalId"> & Partial<Pick<RunRepository, "externalId">>;

/** A spec as it was stored before runs had several repositories and sandbox settings. */
interface SingleRepositorySpec extends Omit<RunSpec, "repositories" | "sandbox"> {
  readonly repository: Omit<NamedRepository, "testCommand">;
  readonly testCommand: string | null;
}

interface StoredSpec extends Omit<RunSpec, "repositories"> {
  readonly repositories: readonly NamedRepository[];
}

/** A stored spec as today's code reads it. A repository without the forge's id gets an empty one, which its row fills in. */
export function upgradeSpec(stored: StoredSpec | SingleRepositorySpec): RunSpec {
  if ("repositories" in stored)
    return { ...stored, repositories: stored.repositories.map((each) => ({ externalId: "", ...each })) };
  const { repository, testCommand, ...rest } = stored;
  return {
    ...rest,
    repositories: [{ externalId: "", ...repository, testCommand }],
    sandbox: defaultSandboxSettings,
  };
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
