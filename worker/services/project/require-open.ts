import { projectIsArchived } from "../../../contracts/project.ts";
import type { Scope, ServiceDeps } from "../../context.ts";
import { findArchived } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";

/** Throws `conflict` for an archived project: it takes no changes and starts no run. */
export function refuseArchived({ archivedAtMs }: { readonly archivedAtMs: number | null }): void {
  if (archivedAtMs !== null) throw new ServiceError("conflict", projectIsArchived);
}

/**
 * Lets a verb that writes something of a project go on while the project takes changes. `not_found` when the scope's tenant has no such
 * project, `conflict` for an archived one. One query. Writes of the board are refused by the board itself, in the same words.
 */
export async function requireOpenProject(
  { db }: Pick<ServiceDeps, "db">,
  { tenantId }: Pick<Scope, "tenantId">,
  projectId: number,
): Promise<void> {
  const [found] = await findArchived(db, tenantId, projectId);
  if (found === undefined) throw new ServiceError("not_found", "There is no such project.");
  refuseArchived(found);
}
