import { roleSchema } from "../../../contracts/common.ts";
import type { Me } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { listTenantsOf } from "../../db/stores/tenancy.ts";

/** The signed-in person, their tenants, and which of them is active. */
export async function getMe(context: ServiceContext): Promise<Me> {
  const tenants = await listTenantsOf(context.db, context.user.id);
  const { id, name, email, avatarUrl } = context.user;
  return {
    user: { id: String(id), name, email, avatarUrl },
    tenants: tenants.map((tenant) => ({
      id: String(tenant.id),
      name: tenant.name,
      slug: tenant.slug,
      role: roleSchema.parse(tenant.role),
    })),
    activeTenantId: String(context.tenantId),
  };
}
