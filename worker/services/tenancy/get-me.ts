import { roleSchema } from "../../../contracts/common.ts";
import type { Me } from "../../../contracts/project.ts";
import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { listTenantsOf } from "../../db/stores/tenancy.ts";

/** The signed-in person, their tenants, and which of them is active. */
export async function getMe(deps: ServiceDeps, scope: PersonScope): Promise<Me> {
  requirePermission(scope, "tenant.read");
  const tenants = await listTenantsOf(deps.db, scope.userId);
  const { id, name, avatarUrl } = scope.actor;
  return {
    user: { id, name, email: tenants[0]?.email ?? "", avatarUrl },
    tenants: tenants.map((tenant) => ({
      id: String(tenant.id),
      name: tenant.name,
      slug: tenant.slug,
      role: roleSchema.parse(tenant.role),
    })),
    activeTenantId: String(scope.tenantId),
  };
}
