import { roleSchema } from "../../../contracts/common.ts";
import type { Member } from "../../../contracts/ticket-parts.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listMembers } from "../../db/stores/tenancy.ts";

/** The members of the tenant by name. `tenant.read`. */
export async function getMembers({ db }: Pick<ServiceDeps, "db">, scope: Scope): Promise<Member[]> {
  requirePermission(scope, "tenant.read");
  const rows = await listMembers(db, scope.tenantId);
  return rows.map(({ id, image, name, role }) => ({
    id: String(id),
    name,
    avatarUrl: image,
    role: roleSchema.parse(role),
  }));
}
