import { retryDelayMs } from "../../../domain/run/backoff.ts";
import type { ServiceDeps } from "../../context.ts";
import { closeDelivery, failDelivery, findPendingDelivery } from "../../db/stores/delivery.ts";
import { listRunsOfBranch, listRunsOfHead, type RunHead } from "../../db/stores/run.ts";
import { PortError } from "../../ports/errors.ts";
import { refreshInstallation, refreshRepository } from "../connector/refresh-repositories.ts";
import { systemCaller } from "../../ports/run-host.ts";
import type { ForgeEvent } from "../../ports/forge-events.ts";

/** The parts that handling a delivery needs. */
export type DeliveryDeps = Pick<ServiceDeps, "db" | "forge" | "runs" | "now" | "log" | "webhooks">;

/**
 * Handles a kept delivery once more if it is still pending. Done twice it does no harm: an event only makes runs, and the rows of
 * repositories, look at the forge. A failure plans the next attempt, the eighth one leaves it as a dead letter.
 */
export async function handleDelivery(deps: DeliveryDeps, id: number): Promise<void> {
  const delivery = await findPendingDelivery(deps.db, id);
  if (delivery === undefined) return;
  try {
    const event = deps.webhooks.parse(delivery.event, delivery.payload);
    if (event !== undefined) await act(deps, event, delivery.deliveryId);
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

/**
 * Wakes the runs that watch the event's commit or branch; they look at the forge themselves. A run that has ended looks when its pull request was
 * merged, closed or reopened.
 */
async function act(deps: DeliveryDeps, event: ForgeEvent, deliveryId: string): Promise<void> {
  if (event.type === "repository") return refreshRepository(deps, event.repository, deliveryId);
  if (event.type === "installation" || event.type === "installation_repositories")
    return refreshInstallation(deps, event.installationId, deliveryId);
  const head = headOf(event);
  if (head === undefined || !("repository" in event)) return;
  const caller = systemCaller("webhooks");
  if (event.type === "pull_request" && endsOrReopens.has(event.action)) {
    const runs = await listRunsOfBranch(deps.db, event.repository, event.pullRequest.headBranch);
    const looks = await Promise.all(
      runs.map(async (run) => deps.runs.command(run.id, caller, { kind: "look_at_pulls" })),
    );
    if (looks.some((look) => !look.ok && look.code === "unavailable"))
      throw new PortError("forge", "transient", "unavailable", "an ended run could not look at its pull request");
    return;
  }
  const runs = await listRunsOfHead(deps.db, event.repository, head);
  await Promise.all(runs.map(async (run) => deps.runs.command(run.id, caller, { kind: "wake" })));
}

/** Actions of a pull request that runs which have ended are told of too; of all others only runs that watch it. */
const endsOrReopens: ReadonlySet<string> = new Set(["closed", "reopened"]);

/** The commit or the head branch that an event tells something of. A fork's branch is never a run's. */
function headOf(event: ForgeEvent): RunHead | undefined {
  switch (event.type) {
    case "workflow_run":
      return { commit: event.workflowRun.headCommit };
    case "check_run":
      return { commit: event.checkRun.headCommit };
    case "status":
    case "check_suite":
      return { commit: event.headCommit };
    case "pull_request":
      return event.isFromFork ? undefined : { branch: event.pullRequest.headBranch };
    case "push":
      return { branch: event.branch };
    default:
      return undefined;
  }
}
