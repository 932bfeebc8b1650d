import { sql } from "drizzle-orm";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { revokeConnector as revoke } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { readConnector } from "./list-connectors.ts";

/** Cuts the tenant off from an installation: the connector and its repositories are gone from every list. `connector.manage`. */
export async function revokeConnector(deps: ServiceDeps, scope: Scope, id: number): Promise<void> {
  requirePermission(scope, "connector.manage");
  const connector = await readConnector(deps, scope, id);
  const atMs = deps.now();
  const entry = {
    action: "connector.revoked",
    subject: `connector:${id}`,
    data: { installationId: connector.installationId },
  };
  await deps.db.batch([
    ...revoke(deps.db, scope.tenantId, id, atMs),
    recordAudit(deps.db, { scope, atMs }, entry, sql`changes() = 1`),
  ]);
}
