import type { Project } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { listProjects as listRows } from "../../db/stores/project.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { projectViews } from "./project-view.ts";

/** One page of the tenant's projects with their repositories. One query. */
export async function listProjects(context: ServiceContext, cursor: string | undefined): Promise<Page<Project>> {
  const rows = await listRows(context.db, context.tenantId, parseCursor(cursor), pageSize + 1);
  return toPage(projectViews(context, rows));
}
