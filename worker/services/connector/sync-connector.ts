import type { Connector } from "../../../contracts/connector.ts";
import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { replaceRepositories } from "../../db/stores/listed-repositories.ts";
import { replaceVisibility } from "../../db/stores/visibility.ts";
import { readConnector } from "./list-connectors.ts";
import { readInstallation } from "./read-installation.ts";

/**
 * Reads the repositories of a connector's installation anew: the tenant has those that the installation has, and loses the others. This person
 * gets those that they see at the forge now; other people's stay as the forge answered them. `connector.manage`.
 */
export async function syncConnector(deps: ServiceDeps, scope: PersonScope, id: number): Promise<Connector> {
  requirePermission(scope, "connector.manage");
  const { db } = deps;
  const { tenantId } = scope;
  const connector = await readConnector(deps, scope, id);
  const { listed, visibility } = await readInstallation(deps, scope, connector.installationId);
  const atMs = deps.now();
  const data = { repositories: listed.length, seen: visibility.externalIds.size };
  await db.batch([
    recordAudit(db, { scope, atMs }, { action: "connector.synced", subject: `connector:${id}`, data }),
    ...replaceRepositories(db, tenantId, id, listed, atMs),
    ...replaceVisibility(db, scope.userId, id, visibility, atMs),
  ]);
  return readConnector(deps, scope, id);
}
