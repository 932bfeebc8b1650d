import type { Project } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listProjects as listRows } from "../../db/stores/project.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { projectViews } from "./project-view.ts";

/** One page of the tenant's projects with their repositories. `project.read`. One query. */
export async function listProjects(
  deps: ServiceDeps,
  scope: Scope,
  cursor: string | undefined,
): Promise<Page<Project>> {
  requirePermission(scope, "project.read");
  const rows = await listRows(deps.db, scope.tenantId, parseCursor(cursor), pageSize + 1);
  return toPage(projectViews(deps, rows));
}
