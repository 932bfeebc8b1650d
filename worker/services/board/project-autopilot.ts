import type { Autopilot, SetAutopilot } from "../../../contracts/autopilot.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { setAutopilot } from "../../db/stores/autopilot.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { ServiceError } from "../../errors.ts";
import { requireOpenProject } from "../project/require-open.ts";

/** A project's autopilot with its line, as the project's board sees it, or `not_found`. `project.read`. */
export async function getAutopilot(deps: ServiceDeps, scope: Scope, projectId: number): Promise<Autopilot> {
  requirePermission(scope, "project.read");
  const autopilot = await deps.boards.autopilot({ tenantId: scope.tenantId, projectId });
  if (autopilot === undefined) throw new ServiceError("not_found", "There is no such project.");
  return autopilot;
}

/** Sets a project's autopilot, which begins or stops at once; runs that are under way go on. `project.update`; `not_found` without the project, `conflict` for an archived one. */
export async function updateAutopilot(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  change: SetAutopilot,
): Promise<Autopilot> {
  requirePermission(scope, "project.update");
  const { db } = deps;
  const place = { tenantId: scope.tenantId, projectId };
  await requireOpenProject(deps, scope, projectId);
  await db.batch([
    setAutopilot(db, place, change),
    recordAudit(
      db,
      { scope, atMs: deps.now() },
      { action: "project.autopilot_set", subject: `project:${projectId}`, data: { ...change } },
    ),
  ]);
  await deps.boards.steerAutopilot(place);
  return getAutopilot(deps, scope, projectId);
}
