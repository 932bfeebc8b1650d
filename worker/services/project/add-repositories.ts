import type { AddRepositories, Project } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { addRepositories } from "../../db/stores/project.ts";
import { readProject } from "./get-project.ts";
import { requireOpenProject } from "./require-open.ts";
import { requireRepositories } from "./require-repositories.ts";

/**
 * Adds repositories to a project, behind those that it has; one that it has already stays as it is. `project.update`. `not_found`
 * when the tenant has no such project, `conflict` for an archived one, `unknown_repository` for one that it lacks or the person does not see.
 */
export async function addProjectRepositories(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  input: AddRepositories,
): Promise<Project> {
  requirePermission(scope, "project.update");
  const { db } = deps;
  const { tenantId } = scope;
  await requireOpenProject(deps, scope, projectId);
  const repositoryIds = await requireRepositories(deps, scope, input.repositoryIds);
  const entry = {
    action: "project.repositories_added",
    subject: `project:${projectId}`,
    data: { repositoryIds: input.repositoryIds },
  };
  await db.batch([
    addRepositories(db, tenantId, projectId, repositoryIds),
    recordAudit(db, { scope, atMs: deps.now() }, entry),
  ]);
  return readProject(deps, scope, projectId);
}
