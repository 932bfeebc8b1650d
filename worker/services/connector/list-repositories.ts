import type { Repository } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listRepositories as listRows } from "../../db/stores/connector.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { repositoryView } from "./repository-view.ts";
import { readSeen } from "./visibility.ts";

/** One page of the tenant's repositories that the scope's person sees at the forge. `repository.read`. */
export async function listRepositories(
  deps: ServiceDeps,
  scope: Scope,
  cursor: string | undefined,
): Promise<Page<Repository>> {
  requirePermission(scope, "repository.read");
  const after = parseCursor(cursor);
  const rows = await readSeen(deps, scope, async (viewer) =>
    listRows(deps.db, scope.tenantId, viewer, after, pageSize + 1),
  );
  return toPage(rows.map((row) => repositoryView(deps, row)));
}
