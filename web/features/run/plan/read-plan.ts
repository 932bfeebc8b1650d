import type { Plan } from "../../../../contracts/plan.ts";
import type { Artifact } from "../../../../contracts/run-events.ts";

/** The plan in an artifact, which the server has checked; null where it is none. */
export function readPlan(artifact: Artifact | undefined): Plan | null {
  if (artifact?.kind !== "plan" || !Array.isArray(artifact.data["tasks"])) return null;
  return artifact.data as unknown as Plan;
}
