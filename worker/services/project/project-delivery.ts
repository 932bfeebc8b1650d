import type { ProjectDelivery } from "../../../contracts/delivery.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { findDelivery, setDelivery, setRepositoryDelivery } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { viewerOf } from "../connector/visibility.ts";
import { requireOpenProject } from "./require-open.ts";

/**
 * A project's delivery of runs over several repositories, with those that the scope's person sees. `project.read`. `not_found` without the
 * project. One query.
 */
export async function getDelivery(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Scope,
  projectId: number,
): Promise<ProjectDelivery> {
  requirePermission(scope, "project.read");
  return deliveryView(await readDelivery(deps, scope, projectId));
}

/**
 * Sets how a project delivers; repositories that are not named stay as they are. `project.update`. `not_found` without the project,
 * `conflict` for an archived one, `unknown_repository` for one that it does not have or the person does not see, `invalid_request` for one that depends on itself.
 */
export async function updateDelivery(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Scope,
  projectId: number,
  input: ProjectDelivery,
): Promise<ProjectDelivery> {
  requirePermission(scope, "project.update");
  const { db } = deps;
  await requireOpenProject(deps, scope, projectId);
  const rows = await readDelivery(deps, scope, projectId);
  const all = rows.map(({ repositoryId }) => String(repositoryId));
  const seen = deliveryView(rows).repositories.map(({ repositoryId }) => repositoryId);
  for (const [index, { dependsOn, repositoryId }] of input.repositories.entries()) {
    // A repository may depend on one that this person does not see: somebody else may have set that, and it stays.
    const unknown = seen.includes(repositoryId) ? dependsOn.find((id) => !all.includes(id)) : repositoryId;
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
  return deliveryView(await readDelivery(deps, scope, projectId));
}

type DeliveryRows = Awaited<ReturnType<typeof findDelivery>>;

async function readDelivery(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Scope,
  projectId: number,
): Promise<DeliveryRows> {
  return findDelivery(deps.db, scope.tenantId, viewerOf(deps, scope), projectId);
}

function deliveryView(rows: DeliveryRows): ProjectDelivery {
  const [first] = rows;
  if (first === undefined) throw new ServiceError("not_found", "There is no such project.");
  return {
    delivery: first.delivery,
    repositories: rows.flatMap(({ dependsOn, isSeen, repositoryId, testCommand }) =>
      repositoryId === null || isSeen === 0
        ? []
        : [{ repositoryId: String(repositoryId), dependsOn: (dependsOn ?? []).map(String), testCommand }],
    ),
  };
}
