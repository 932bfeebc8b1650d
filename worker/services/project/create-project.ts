import { sql } from "drizzle-orm";
import type { CreateProject, Project } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { isUniqueViolation } from "../../db/client.ts";
import { knownRepositoryIds } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { addRepositories, insertProject, projectIdOf } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { readProject } from "./get-project.ts";

/**
 * Makes a project. `project.create`. `conflict` when the tenant has a project of this key, `unknown_repository` when it
 * lacks one of the repositories.
 */
export async function createProject(deps: ServiceDeps, scope: Scope, input: CreateProject): Promise<Project> {
  requirePermission(scope, "project.create");
  const { db } = deps;
  const { tenantId } = scope;
  const repositoryIds = input.repositoryIds.map(Number);
  const known = await knownRepositoryIds(db, tenantId, repositoryIds);
  const missing = repositoryIds.findIndex((id) => !known.has(id));
  if (missing >= 0) {
    throw new ServiceError("unknown_repository", `There is no repository ${input.repositoryIds[missing] ?? ""}.`, {
      issues: [{ path: `repositoryIds.${missing}`, message: "is not a repository of this tenant" }],
    });
  }
  const atMs = deps.now();
  const row = {
    key: input.key,
    name: input.name.trim(),
    description: input.description,
    testCommand: input.testCommand ?? null,
    createdAtMs: atMs,
  };
  const subject = sql`'project:' || ${projectIdOf(tenantId, input.key)}`;
  try {
    const [[made]] = await db.batch([
      insertProject(db, tenantId, row),
      addRepositories(db, tenantId, input.key, repositoryIds),
      recordAudit(
        db,
        { scope, atMs },
        { action: "project.created", subject, data: { key: input.key, name: row.name } },
      ),
    ]);
    if (made === undefined) throw new Error("the insert of a project returned no row");
    return await readProject(deps, tenantId, made.id);
  } catch (error) {
    if (!isUniqueViolation(error, "project.tenant_id, project.key")) throw error;
    throw new ServiceError("conflict", `There is a project with the key ${input.key} already.`, {
      issues: [{ path: "key", message: "is taken" }],
    });
  }
}
