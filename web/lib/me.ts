import { useRouteContext } from "@tanstack/react-router";
import type { Role } from "../../contracts/common.ts";
import type { Me, Tenant } from "../../contracts/project.ts";
import type { RunMode } from "../../contracts/run.ts";
import { modes } from "../../domain/run/modes.ts";

/** Who is signed in and the tenant they work in, as of the last navigation. Only for pages inside the shell, where somebody always is. */
export function useMe(): { readonly me: Me; readonly tenant: Tenant; readonly role: Role } {
  const { me } = useRouteContext({ from: "/shell" });
  const tenant = me.tenants.find((each) => each.id === me.activeTenantId);
  if (tenant === undefined) throw new Error("The session has no tenant. Sign out and in again.");
  return { me, tenant, role: tenant.role };
}

/** True when the role may start, cancel, resume and approve runs. */
export function mayRun(role: Role): boolean {
  return role === "dev" || role === "pm" || role === "admin";
}

/** True when the role may start runs of this mode and steer them: reviewing is for `qa` too, approving is not. */
export function maySteer(role: Role, mode: RunMode): boolean {
  return mayRun(role) || (role === "qa" && modes[mode].permissions.steer === "run.steer_review");
}
