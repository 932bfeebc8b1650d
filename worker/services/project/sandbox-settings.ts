import { sandboxSettingsSchema, type SandboxSettings } from "../../../contracts/sandbox.ts";
import { sandboxProblem } from "../../../domain/sandbox/settings.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { findSandboxSettings, projectExists, setSandboxSettings } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";

/** A project's sandbox settings, defaults where it says nothing, or `not_found`. One query. */
export async function getSandboxSettings(context: ServiceContext, projectId: number): Promise<SandboxSettings> {
  const [row] = await findSandboxSettings(context.db, context.tenantId, projectId);
  if (row === undefined) throw notFound();
  return sandboxSettingsSchema.parse(row.sandboxSettings ?? {});
}

/**
 * Sets a project's sandbox settings; they count for runs that start afterwards. `pm` and above. `invalid_request` for
 * a setting that the driver can't honour.
 */
export async function putSandboxSettings(
  context: ServiceContext,
  projectId: number,
  settings: SandboxSettings,
): Promise<SandboxSettings> {
  requireRole(context, "pm");
  const { db, tenantId } = context;
  if (!(await projectExists(db, tenantId, projectId))) throw notFound();
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
      { ...context, atMs: context.now() },
      { action: "project.sandbox_set", subject: `project:${projectId}`, data: { ...settings } },
    ),
  ]);
  return settings;
}

function notFound(): ServiceError {
  return new ServiceError("not_found", "There is no such project.");
}
