import type { Scope, ServiceDeps } from "../../context.ts";
import { knownRepositoryIds } from "../../db/stores/connector.ts";
import { ServiceError } from "../../errors.ts";
import { readSeen } from "../connector/visibility.ts";

/** The numbers of these repositories. Throws `unknown_repository` with the first that the tenant lacks or the scope's person does not see. */
export async function requireRepositories(
  deps: Pick<ServiceDeps, "db" | "identity" | "now">,
  scope: Scope,
  ids: readonly string[],
): Promise<readonly number[]> {
  const repositoryIds = ids.map(Number);
  const known = await readSeen(deps, scope, async (viewer) =>
    knownRepositoryIds(deps.db, scope.tenantId, viewer, repositoryIds),
  );
  const missing = repositoryIds.findIndex((id) => !known.has(id));
  if (missing < 0) return repositoryIds;
  throw new ServiceError("unknown_repository", `There is no repository ${ids[missing] ?? ""}.`, {
    issues: [{ path: `repositoryIds.${missing}`, message: "is not a repository of this tenant" }],
  });
}
