import type { Role } from "../../../contracts/common.ts";
import type { Run, RunMode } from "../../../contracts/run.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { getRun } from "./read-run.ts";

/** The least role that may start and steer runs of a mode: reviewing is `qa`'s work too, everything else takes `dev`. */
export function runRole(mode: RunMode): Role {
  return mode === "review" ? "qa" : "dev";
}

/** The run, for whoever may steer it. `forbidden` for a role that may steer no run is told before the run is looked for. */
export async function runToSteer(context: ServiceContext, id: number): Promise<Run> {
  requireRole(context, runRole("review"));
  const run = await getRun(context, id);
  requireRole(context, runRole(run.mode));
  return run;
}
