import { sql } from "drizzle-orm";
import type { CreateProject, Project } from "../../../contracts/project.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { isUniqueViolation } from "../../db/client.ts";
import { knownRepositoryIds } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { addRepositories, insertProject, projectIdOf } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { getProject } from "./get-project.ts";

/**
 * Makes a project. `pm` and above. `conflict` when the tenant has a project of this key, `unknown_repository` when it has
 * not one of the repositories.
 */
export async function createProject(context: ServiceContext, input: CreateProject): Promise<Project> {
  requireRole(context, "pm");
  const { db, tenantId } = context;
  const repositoryIds = input.repositoryIds.map(Number);
  const known = await knownRepositoryIds(db, tenantId, repositoryIds);
  const missing = repositoryIds.findIndex((id) => !known.has(id));
  if (missing >= 0) {
    throw new ServiceError("unknown_repository", `There is no repository ${input.repositoryIds[missing] ?? ""}.`, {
      issues: [{ path: `repositoryIds.${missing}`, message: "is not a repository of this tenant" }],
    });
  }
  const atMs = context.now();
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
        { ...context, atMs },
        { action: "project.created", subject, data: { key: input.key, name: row.name } },
      ),
    ]);
    if (made === undefined) throw new Error("the insert of a project returned no row");
    return await getProject(context, made.id);
  } catch (error) {
    if (!isUniqueViolation(error, "project.tenant_id, project.key")) throw error;
    throw new ServiceError("conflict", `There is a project with the key ${input.key} already.`, {
      issues: [{ path: "key", message: "is taken" }],
    });
  }
}
