import { listDueDeliveries } from "../db/stores/delivery.ts";
import { listStaleRuns } from "../db/stores/run.ts";
import { handleDelivery, type DeliveryDeps } from "../services/delivery/handle-delivery.ts";
import { sweepSandboxes, type SandboxSweepDeps } from "../services/sandbox/sweep.ts";
import { lookAtOpenPulls, type OpenPullsDeps } from "../services/run/look-at-open-pulls.ts";
import { closeLostSockets, type LostSocketDeps } from "../services/tenancy/close-lost-sockets.ts";
import { startOnHost } from "../services/run/dispatch-run.ts";

/** Runs that moved within this time don't need a push. */
const quietMs = 5_000;
const batch = 200;

/**
 * Starts or wakes the work that neither the direct call nor the queue did: unfinished runs that have stopped, and due deliveries. Ends
 * the sandboxes that no run holds, closes sockets that may no longer be open, and lets ended runs look at pull requests that they left open.
 */
export async function sweep(deps: DeliveryDeps & SandboxSweepDeps & LostSocketDeps & OpenPullsDeps): Promise<void> {
  const nowMs = deps.now();
  await closeLostSockets(deps);
  for (const run of await listStaleRuns(deps.db, nowMs - quietMs, batch)) {
    try {
      await startOnHost(deps, run.tenantId, run.id);
    } catch (error) {
      deps.log("error", "run not woken", { runId: String(run.id), detail: String(error) });
    }
  }
  for (const { id } of await listDueDeliveries(deps.db, nowMs, batch)) await handleDelivery(deps, id);
  await sweepSandboxes(deps);
  await lookAtOpenPulls(deps);
}
