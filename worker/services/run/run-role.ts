import type { Run } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { requirePermission, type Scope, type ServiceContext, type ServiceDeps } from "../../context.ts";
import { getRun } from "./read-run.ts";

/** The run, for an actor who may steer it. `forbidden` for an actor who may steer no run comes before the run is looked for. */
export async function runToSteer(deps: Pick<ServiceDeps, "db" | "runs">, scope: Scope, id: number): Promise<Run>;
export async function runToSteer(context: ServiceContext, id: number): Promise<Run>;
export async function runToSteer(
  deps: Pick<ServiceDeps, "db" | "runs"> | ServiceContext,
  scope: Scope | number,
  id = 0,
): Promise<Run> {
  if (typeof scope === "number")
    return "actor" in deps ? runToSteer(deps, deps, scope) : Promise.reject(new TypeError("scope"));
  requirePermission(scope, modes.review.permissions.steer);
  const run = await getRun(deps, scope, id);
  requirePermission(scope, modes[run.mode].permissions.steer);
  return run;
}
