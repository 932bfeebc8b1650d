import type { Repository } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { listRepositories as listRows } from "../../db/stores/connector.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { repositoryView } from "./repository-view.ts";

/** One page of the repositories that the tenant's connectors can see. */
export async function listRepositories(context: ServiceContext, cursor: string | undefined): Promise<Page<Repository>> {
  const rows = await listRows(context.db, context.tenantId, parseCursor(cursor), pageSize + 1);
  return toPage(rows.map((row) => repositoryView(context, row)));
}
