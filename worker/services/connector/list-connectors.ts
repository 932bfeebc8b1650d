import type { Connector } from "../../../contracts/connector.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { findConnector, listConnectors as listRows } from "../../db/stores/connector.ts";
import { ServiceError } from "../../errors.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";

/** One page of the tenant's live connectors. `connector.read`. */
export async function listConnectors(
  deps: ServiceDeps,
  scope: Scope,
  cursor: string | undefined,
): Promise<Page<Connector>> {
  requirePermission(scope, "connector.read");
  const rows = await listRows(deps.db, scope.tenantId, parseCursor(cursor), pageSize + 1);
  return toPage(rows.map((row) => ({ ...row, id: String(row.id) })));
}

/** One live connector of the tenant, or `not_found`; for verbs that have checked the actor's permission. */
export async function readConnector({ db }: Pick<ServiceDeps, "db">, tenantId: number, id: number): Promise<Connector> {
  const row = await findConnector(db, tenantId, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such connector.");
  return { ...row, id: String(row.id) };
}
