import type { Connector } from "../../../contracts/connector.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { replaceRepositories } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { readConnector } from "./list-connectors.ts";

/** Reads the repositories of a connector's installation anew. `connector.manage`. */
export async function syncConnector(deps: ServiceDeps, scope: Scope, id: number): Promise<Connector> {
  requirePermission(scope, "connector.manage");
  const { db } = deps;
  const { tenantId } = scope;
  const connector = await readConnector(deps, tenantId, id);
  const listed = await deps.forge.listInstallationRepositories(connector.installationId);
  const atMs = deps.now();
  const entry = { action: "connector.synced", subject: `connector:${id}`, data: { repositories: listed.length } };
  await db.batch([recordAudit(db, { scope, atMs }, entry), ...replaceRepositories(db, tenantId, id, listed, atMs)]);
  return readConnector(deps, tenantId, id);
}
