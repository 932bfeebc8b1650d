import { useRouteContext } from "@tanstack/react-router";
import type { Me, Project, Tenant } from "../../contracts/project.ts";
import type { Role } from "../../contracts/roles.ts";
import { roleMay, roleRefusal, type PermissionName } from "../../domain/tenancy/permissions.ts";
import { refusalIn } from "./projects.ts";

/** The signed-in person and their tenant, as of the last navigation. Only for pages inside the shell, which require a session. */
export function useMe(): { readonly me: Me; readonly tenant: Tenant; readonly role: Role } {
  const { me } = useRouteContext({ from: "/shell" });
  const tenant = me.tenants.find((each) => each.id === me.activeTenantId);
  if (tenant === undefined) throw new Error("The session has no tenant. Sign out and in again.");
  return { me, tenant, role: tenant.role };
}

/** Whether the signed-in person may do this in their tenant, by the table that the Worker enforces. */
export function useCan(permission: PermissionName): boolean {
  return roleMay(useMe().role, permission);
}

/** Why the signed-in person may not do this, in the Worker's own words, or null when they may. */
export function useRefusal(permission: PermissionName): string | null {
  return roleRefusal(useMe().role, permission);
}

/** Why the signed-in person may not do this in a project: it is archived, or their role is too low; null when they may. */
export function useProjectRefusal(project: Pick<Project, "archivedAtMs">, permission: PermissionName): string | null {
  return refusalIn(project, useRefusal(permission));
}
