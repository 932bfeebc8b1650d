import { sql } from "drizzle-orm";
import type { Me, SwitchTenant } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { activateTenant, isMember } from "../../db/stores/tenancy.ts";
import { ServiceError } from "../../errors.ts";
import { getMe } from "./get-me.ts";

/** Makes another of the person's tenants the active one of this session. `not_found` for one that they don't belong to. */
export async function switchTenant(context: ServiceContext, input: SwitchTenant): Promise<Me> {
  const tenantId = Number(input.tenantId);
  if (!(await isMember(context.db, tenantId, context.user.id)))
    throw new ServiceError("not_found", "You belong to no such tenant.");
  const by = { scope: { ...context, tenantId }, atMs: context.now() };
  await context.db.batch([
    activateTenant(context.db, tenantId, context.sessionId),
    recordAudit(
      context.db,
      by,
      {
        action: "session.tenant_switched",
        subject: `session:${context.sessionId}`,
        data: { from: String(context.tenantId) },
      },
      sql`changes() = 1`,
    ),
  ]);
  return getMe({ ...context, tenantId });
}
