import { admitsCall, refusalOf } from "../../../domain/budget/month.ts";
import type { Run } from "../../../contracts/run.ts";
import type { Scope, ServiceDeps } from "../../context.ts";
import { ServiceError } from "../../errors.ts";

/**
 * Refuses to resume a run whose stage would stop at once, since its project's budget admits no call: `run_not_waiting` with
 * the remedy. Runs that wait for anything but a model's turn are not refused.
 */
export async function refuseSpent(deps: Pick<ServiceDeps, "budgets" | "now">, scope: Scope, run: Run): Promise<void> {
  if (run.state !== "NEEDS_HUMAN" || run.stage === null || run.stage === "tester") return;
  const figures = await deps.budgets.read({ tenantId: scope.tenantId, projectId: Number(run.projectId) }, deps.now());
  if (figures === undefined) return;
  // A run that waits for others under its budget is not refused, so their reservations don't count.
  const month = { ...figures.now, reservedMicros: 0 };
  if (admitsCall(month, 0)) return;
  const refusal = refusalOf(month, 0, run.model);
  if (refusal.kind === "stop") throw new ServiceError("run_not_waiting", refusal.cause);
}
