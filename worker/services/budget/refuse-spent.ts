import { utcMonth } from "../../../domain/budget/calendar.ts";
import { admitsCall, refusalOf } from "../../../domain/budget/month.ts";
import type { Run } from "../../../contracts/run.ts";
import type { Scope, ServiceDeps } from "../../context.ts";
import { readMonth } from "../../db/stores/budget.ts";
import { ServiceError } from "../../errors.ts";

/**
 * Refuses to resume a run whose stage would stop at once, since its project's budget admits no call: `run_not_waiting` with
 * the remedy. Runs that wait for anything but a model's turn are not refused.
 */
export async function refuseSpent(deps: Pick<ServiceDeps, "db" | "now">, scope: Scope, run: Run): Promise<void> {
  if (run.state !== "NEEDS_HUMAN" || run.stage === null || run.stage === "tester") return;
  const atMs = deps.now();
  const month = utcMonth(atMs);
  const account = { projectId: Number(run.projectId), runId: Number(run.id) };
  const [row] = await readMonth(deps.db, scope.tenantId, account, { month, atMs, callId: "" });
  if (row === undefined) return;
  const figures = { ...row, month, unpricedCalls: Math.max(0, row.unpricedCalls - row.unpricedAccepted) };
  if (admitsCall(figures, 0)) return;
  const refusal = refusalOf(figures, 0, run.model);
  if (refusal.kind === "stop") throw new ServiceError("run_not_waiting", refusal.cause);
}
