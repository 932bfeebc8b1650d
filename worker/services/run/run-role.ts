import type { Run, RunMode } from "../../../contracts/run.ts";
import type { PermissionName } from "../../../domain/tenancy/permissions.ts";
import { requirePermission, type Scope, type ServiceContext, type ServiceDeps } from "../../context.ts";
import { getRun } from "./read-run.ts";

/** What starting and steering a run of this mode take: reviews are `qa`'s work too, everything else is `dev`'s. */
export function permissionsOf(mode: RunMode): { readonly start: PermissionName; readonly steer: PermissionName } {
  return mode === "review"
    ? { start: "run.start_review", steer: "run.steer_review" }
    : { start: "run.start", steer: "run.steer" };
}

/** The run, for an actor who may steer it. `forbidden` for an actor who may steer no run comes before the run is looked for. */
export async function runToSteer(deps: Pick<ServiceDeps, "db">, scope: Scope, id: number): Promise<Run>;
export async function runToSteer(context: ServiceContext, id: number): Promise<Run>;
export async function runToSteer(
  deps: Pick<ServiceDeps, "db"> | ServiceContext,
  scope: Scope | number,
  id = 0,
): Promise<Run> {
  if (typeof scope === "number")
    return "actor" in deps ? runToSteer(deps, deps, scope) : Promise.reject(new TypeError("scope"));
  requirePermission(scope, permissionsOf("review").steer);
  const run = await getRun(deps, scope, id);
  requirePermission(scope, permissionsOf(run.mode).steer);
  return run;
}
