import { retryDelayMs } from "../../../domain/run/backoff.ts";
import type { ServiceDeps } from "../../context.ts";
import { closeDelivery, failDelivery, findPendingDelivery } from "../../db/stores/delivery.ts";
import { listRunsOfCommit } from "../../db/stores/run.ts";
import { PortError } from "../../ports/errors.ts";
import { systemCaller } from "../../ports/run-host.ts";
import type { ForgeEvent } from "../../ports/forge-events.ts";

/** The parts that handling a delivery needs. */
export type DeliveryDeps = Pick<ServiceDeps, "db" | "runs" | "now" | "log" | "webhooks">;

/**
 * Handles a kept delivery once more if it is still pending. Done twice it does no harm: an event only makes runs look at the
 * forge. A failure plans the next attempt, the eighth one leaves it as a dead letter.
 */
export async function handleDelivery(deps: DeliveryDeps, id: number): Promise<void> {
  const delivery = await findPendingDelivery(deps.db, id);
  if (delivery === undefined) return;
  try {
    const event = deps.webhooks.parse(delivery.event, delivery.payload);
    if (event !== undefined) await act(deps, event);
    await closeDelivery(deps.db, id);
  } catch (error) {
    const code = error instanceof PortError ? error.code : "internal";
    deps.log("warn", "webhook not handled", {
      deliveryId: delivery.deliveryId,
      event: delivery.event,
      code,
      detail: String(error),
    });
    await failDelivery(deps.db, id, code, deps.now() + retryDelayMs(delivery.attempts, 1, undefined));
  }
}

async function act(deps: DeliveryDeps, event: ForgeEvent): Promise<void> {
  const commit =
    event.type === "workflow_run"
      ? event.workflowRun.headCommit
      : event.type === "check_run"
        ? event.checkRun.headCommit
        : undefined;
  if (commit === undefined || (event.type !== "workflow_run" && event.type !== "check_run")) return;
  const runs = await listRunsOfCommit(deps.db, event.repository, commit);
  const caller = systemCaller("webhooks");
  await Promise.all(runs.map(async (run) => deps.runs.command(run.id, caller, { kind: "wake" })));
}
