import { sql } from "drizzle-orm";
import { requireRole, type ServiceContext } from "../../context.ts";
import { revokeConnector as revoke } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { getConnector } from "./list-connectors.ts";

/** Cuts the tenant off from an installation: the connector and its repositories are gone from every list. Admins only. */
export async function revokeConnector(context: ServiceContext, id: number): Promise<void> {
  requireRole(context, "admin");
  const connector = await getConnector(context, id);
  const atMs = context.now();
  const entry = {
    action: "connector.revoked",
    subject: `connector:${id}`,
    data: { installationId: connector.installationId },
  };
  await context.db.batch([
    ...revoke(context.db, context.tenantId, id, atMs),
    recordAudit(context.db, { ...context, atMs }, entry, sql`changes() = 1`),
  ]);
}
