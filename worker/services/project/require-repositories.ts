import type { Database } from "../../db/client.ts";
import { knownRepositoryIds } from "../../db/stores/connector.ts";
import { ServiceError } from "../../errors.ts";

/** The numbers of these repositories. Throws `unknown_repository` with the first that the tenant lacks. */
export async function requireRepositories(
  db: Database,
  tenantId: number,
  ids: readonly string[],
): Promise<readonly number[]> {
  const repositoryIds = ids.map(Number);
  const known = await knownRepositoryIds(db, tenantId, repositoryIds);
  const missing = repositoryIds.findIndex((id) => !known.has(id));
  if (missing < 0) return repositoryIds;
  throw new ServiceError("unknown_repository", `There is no repository ${ids[missing] ?? ""}.`, {
    issues: [{ path: `repositoryIds.${missing}`, message: "is not a repository of this tenant" }],
  });
}
