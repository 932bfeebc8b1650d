import { sql } from "drizzle-orm";
import type { Me, SwitchTenant } from "../../../contracts/project.ts";
import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { activateTenant, isMember } from "../../db/stores/tenancy.ts";
import { ServiceError } from "../../errors.ts";
import { getMe } from "./get-me.ts";

/** Makes another of the person's tenants the active one of this session. `not_found` for one that they don't belong to. */
export async function switchTenant(deps: ServiceDeps, scope: PersonScope, input: SwitchTenant): Promise<Me> {
  requirePermission(scope, "tenant.read");
  const tenantId = Number(input.tenantId);
  if (!(await isMember(deps.db, tenantId, scope.userId)))
    throw new ServiceError("not_found", "You belong to no such tenant.");
  const by = { scope: { ...scope, tenantId }, atMs: deps.now() };
  await deps.db.batch([
    activateTenant(deps.db, tenantId, scope.sessionId),
    recordAudit(
      deps.db,
      by,
      {
        action: "session.tenant_switched",
        subject: `session:${scope.sessionId}`,
        data: { from: String(scope.tenantId) },
      },
      sql`changes() = 1`,
    ),
  ]);
  return getMe(deps, { ...scope, tenantId });
}
