import type { Project } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { findProject } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { viewerOf } from "../connector/visibility.ts";
import { projectViews } from "./project-view.ts";

/** One project of the tenant with its repositories, or `not_found`. `project.read`. One query. */
export async function getProject(deps: ServiceDeps, scope: Scope, id: number): Promise<Project> {
  requirePermission(scope, "project.read");
  return readProject(deps, scope, id);
}

/** The same for a verb that has checked the actor's permission. */
export async function readProject(
  deps: Pick<ServiceDeps, "db" | "deployment" | "now">,
  scope: Pick<Scope, "actor" | "tenantId">,
  id: number,
): Promise<Project> {
  const [project] = projectViews(deps, await findProject(deps.db, scope.tenantId, viewerOf(deps, scope), id));
  if (project === undefined) throw new ServiceError("not_found", "There is no such project.");
  return project;
}
