import { sandboxSettingsSchema, type SandboxSettings } from "../../../contracts/sandbox.ts";
import { sandboxProblem } from "../../../domain/sandbox/settings.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { findSandboxSettings, setSandboxSettings } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { requireOpenProject } from "./require-open.ts";

/** A project's sandbox settings, defaults where it sets nothing, or `not_found`. `project.read`. One query. */
export async function getSandboxSettings(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  projectId: number,
): Promise<SandboxSettings> {
  requirePermission(scope, "project.read");
  const [row] = await findSandboxSettings(db, scope.tenantId, projectId);
  if (row === undefined) throw new ServiceError("not_found", "There is no such project.");
  return sandboxSettingsSchema.parse(row.sandboxSettings ?? {});
}

/**
 * Sets a project's sandbox settings; they count for runs that start afterwards. `project.update`. `invalid_request` for
 * a setting that the driver can't honour, `not_found` without the project, `conflict` for an archived one.
 */
export async function putSandboxSettings(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Scope,
  projectId: number,
  settings: SandboxSettings,
): Promise<SandboxSettings> {
  requirePermission(scope, "project.update");
  const { db } = deps;
  const { tenantId } = scope;
  await requireOpenProject(deps, scope, projectId);
  const problem = sandboxProblem(settings);
  if (problem !== undefined) {
    throw new ServiceError("invalid_request", problem.message, {
      issues: [{ path: problem.field, message: "can't be honoured by this driver" }],
    });
  }
  await db.batch([
    setSandboxSettings(db, tenantId, projectId, settings),
    recordAudit(
      db,
      { scope, atMs: deps.now() },
      { action: "project.sandbox_set", subject: `project:${projectId}`, data: { ...settings } },
    ),
  ]);
  return settings;
}
