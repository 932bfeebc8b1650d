import type { Role } from "../../../contracts/common.ts";
import type { Run, RunMode } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { permissions } from "../../../domain/tenancy/permissions.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { getRun } from "./read-run.ts";

/** The least role that may start runs of a mode. */
export function startRole(mode: RunMode): Role {
  return permissions[modes[mode].permissions.start].role;
}

/**
 * The run, for a person who may steer it. A role that may steer no run at all gets `forbidden` before the run is looked for, so that the
 * answer does not tell whether the run exists.
 */
export async function runToSteer(context: ServiceContext, id: number): Promise<Run> {
  requireRole(context, permissions["run.steer_review"].role);
  const run = await getRun(context, id);
  requireRole(context, permissions[modes[run.mode].permissions.steer].role);
  return run;
}
