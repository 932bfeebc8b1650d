import type { Connector } from "../../../contracts/connector.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { replaceRepositories } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { getConnector } from "./list-connectors.ts";

/** Reads the repositories of a connector's installation anew. Admins only. */
export async function syncConnector(context: ServiceContext, id: number): Promise<Connector> {
  requireRole(context, "admin");
  const { db, tenantId } = context;
  const connector = await getConnector(context, id);
  const listed = await context.forge.listInstallationRepositories(connector.installationId);
  const atMs = context.now();
  const entry = { action: "connector.synced", subject: `connector:${id}`, data: { repositories: listed.length } };
  await db.batch([
    recordAudit(db, { ...context, atMs }, entry),
    ...replaceRepositories(db, tenantId, id, listed, atMs),
  ]);
  return getConnector(context, id);
}
