import type { TransferNames } from "../../../../domain/board/transfer.ts";
import type { Scope, ServiceDeps } from "../../../context.ts";
import { listMemberAddresses, listNamedRepositories } from "../../../db/stores/ticket-transfer.ts";
import { readSeen } from "../../connector/visibility.ts";

/**
 * The members of the scope's tenant, and the repositories that its person sees: those of the project's tickets, and those that bear one
 * of `repositories` as `owner/name`.
 */
export async function readTransferNames(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  repositories: readonly string[],
): Promise<Omit<TransferNames, "boards">> {
  const { db } = deps;
  const place = { tenantId: scope.tenantId, projectId };
  const asked = repositories.map((name) => name.trim().toLowerCase());
  const [members, seen] = await Promise.all([
    listMemberAddresses(db, scope.tenantId),
    readSeen(deps, scope, async (viewer) => listNamedRepositories(db, place, viewer, asked)),
  ]);
  return {
    members: members.map(({ email, id, name }) => ({ id: String(id), name, aliases: [email] })),
    repositories: seen.map(({ id, name, owner }) => ({ id: String(id), name: `${owner}/${name}` })),
  };
}
