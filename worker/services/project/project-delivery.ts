import type { ProjectDelivery } from "../../../contracts/delivery.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { findDelivery, setDelivery, setRepositoryDelivery } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";

/** A project's delivery of runs over several repositories. `project.read`. `not_found` without the project. One query. */
export async function getDelivery(
  deps: Pick<ServiceDeps, "db">,
  scope: Scope,
  projectId: number,
): Promise<ProjectDelivery> {
  requirePermission(scope, "project.read");
  return readDelivery(deps, scope.tenantId, projectId);
}

/**
 * Sets how a project delivers; repositories that are not named stay as they are. `project.update`. `not_found` without the project,
 * `unknown_repository` for one that it does not have, `invalid_request` for one that depends on itself.
 */
export async function updateDelivery(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Scope,
  projectId: number,
  input: ProjectDelivery,
): Promise<ProjectDelivery> {
  requirePermission(scope, "project.update");
  const { db } = deps;
  const present = await readDelivery(deps, scope.tenantId, projectId);
  const known = new Set(present.repositories.map(({ repositoryId }) => repositoryId));
  for (const [index, { dependsOn, repositoryId }] of input.repositories.entries()) {
    const unknown = [repositoryId, ...dependsOn].find((id) => !known.has(id));
    if (unknown !== undefined)
      throw new ServiceError("unknown_repository", `The project has no repository ${unknown}.`, {
        issues: [{ path: `repositories.${index}`, message: "names a repository that is not of this project" }],
      });
    if (dependsOn.includes(repositoryId))
      throw new ServiceError("invalid_request", "A repository can't depend on itself.", {
        issues: [{ path: `repositories.${index}.dependsOn`, message: "names the repository itself" }],
      });
  }
  const audit = { action: "project.delivery_updated", subject: `project:${projectId}`, data: { ...input } };
  await db.batch([
    setDelivery(db, scope.tenantId, projectId, input.delivery),
    ...input.repositories.map(({ dependsOn, repositoryId, testCommand }) =>
      setRepositoryDelivery(db, scope.tenantId, projectId, {
        repositoryId: Number(repositoryId),
        dependsOn: dependsOn.map(Number),
        testCommand,
      }),
    ),
    recordAudit(db, { scope, atMs: deps.now() }, audit),
  ]);
  return readDelivery(deps, scope.tenantId, projectId);
}

async function readDelivery(
  { db }: Pick<ServiceDeps, "db">,
  tenantId: number,
  projectId: number,
): Promise<ProjectDelivery> {
  const rows = await findDelivery(db, tenantId, projectId);
  const [first] = rows;
  if (first === undefined) throw new ServiceError("not_found", "There is no such project.");
  return {
    delivery: first.delivery,
    repositories: rows.flatMap(({ dependsOn, repositoryId, testCommand }) =>
      repositoryId === null
        ? []
        : [{ repositoryId: String(repositoryId), dependsOn: (dependsOn ?? []).map(String), testCommand }],
    ),
  };
}
