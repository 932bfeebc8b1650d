import { sql } from "drizzle-orm";
import type { CreateProject, Project } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { isUniqueViolation } from "../../db/client.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { insertFirstBoard } from "../../db/stores/board-layout.ts";
import { addRepositories, insertProject, projectIdOf } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { readProject } from "./get-project.ts";
import { requireRepositories } from "./require-repositories.ts";

/**
 * Makes a project. `project.create`. `conflict` when the tenant has a project of this key, `unknown_repository` when it
 * lacks one of the repositories.
 */
export async function createProject(deps: ServiceDeps, scope: Scope, input: CreateProject): Promise<Project> {
  requirePermission(scope, "project.create");
  const { db } = deps;
  const { tenantId } = scope;
  const repositoryIds = await requireRepositories(deps, scope, input.repositoryIds);
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
      insertFirstBoard(db, tenantId, projectIdOf(tenantId, input.key), atMs),
      addRepositories(db, tenantId, projectIdOf(tenantId, input.key), repositoryIds),
      recordAudit(
        db,
        { scope, atMs },
        { action: "project.created", subject, data: { key: input.key, name: row.name } },
      ),
    ]);
    if (made === undefined) throw new Error("the insert of a project returned no row");
    deps.tellFeed(tenantId, "projects");
    return await readProject(deps, scope, made.id);
  } catch (error) {
    if (!isUniqueViolation(error, "project.tenant_id, project.key")) throw error;
    throw new ServiceError("conflict", `There is a project with the key ${input.key} already.`, {
      issues: [{ path: "key", message: "is taken" }],
    });
  }
}
