import type { Connector } from "../../../contracts/connector.ts";
import type { ServiceContext } from "../../context.ts";
import { findConnector, listConnectors as listRows } from "../../db/stores/connector.ts";
import { ServiceError } from "../../errors.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";

/** One page of the tenant's live connectors. */
export async function listConnectors(context: ServiceContext, cursor: string | undefined): Promise<Page<Connector>> {
  const rows = await listRows(context.db, context.tenantId, parseCursor(cursor), pageSize + 1);
  return toPage(rows.map((row) => ({ ...row, id: String(row.id) })));
}

/** One live connector of the tenant, or `not_found`. */
export async function getConnector(context: ServiceContext, id: number): Promise<Connector> {
  const row = await findConnector(context.db, context.tenantId, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such connector.");
  return { ...row, id: String(row.id) };
}
