import type { Repository } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listRepositories as listRows } from "../../db/stores/connector.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { repositoryView } from "./repository-view.ts";

/** One page of the repositories that the tenant's connectors can see. `repository.read`. */
export async function listRepositories(
  deps: ServiceDeps,
  scope: Scope,
  cursor: string | undefined,
): Promise<Page<Repository>> {
  requirePermission(scope, "repository.read");
  const rows = await listRows(deps.db, scope.tenantId, parseCursor(cursor), pageSize + 1);
  return toPage(rows.map((row) => repositoryView(deps, row)));
}
