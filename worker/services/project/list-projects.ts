import type { Project } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listProjects as listRows } from "../../db/stores/project.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { readSeen } from "../connector/visibility.ts";
import { projectViews } from "./project-view.ts";

/** One page of the tenant's projects with those of their repositories that the scope's person sees. `project.read`. */
export async function listProjects(
  deps: ServiceDeps,
  scope: Scope,
  cursor: string | undefined,
): Promise<Page<Project>> {
  requirePermission(scope, "project.read");
  const after = parseCursor(cursor);
  const rows = await readSeen(deps, scope, async (viewer) =>
    listRows(deps.db, scope.tenantId, viewer, after, pageSize + 1),
  );
  return toPage(projectViews(deps, rows));
}
