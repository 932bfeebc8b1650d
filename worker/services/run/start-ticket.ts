import { ticketPrompt } from "../../../domain/board/ticket-prompt.ts";
import { modeOfTicket } from "../../../domain/run/modes.ts";
import { ruleScope, type ServiceDeps } from "../../context.ts";
import { findTicket } from "../../db/stores/board.ts";
import { ServiceError } from "../../errors.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import { readTenantModels } from "../model/tenant-models.ts";
import { startRun } from "./start-run.ts";

/**
 * Starts a run on a ticket for the project's autopilot, with the tenant's default model: the same ticket at the same version is answered
 * with the run that was started. `not_found` for a ticket that is gone, `model_unavailable` where no model can be used, and whatever refuses a start.
 */
export async function startTicket(
  deps: ServiceDeps,
  { projectId, tenantId }: BoardPlace,
  ticketId: string,
  version: number,
): Promise<string> {
  const [row, models] = await Promise.all([
    findTicket(deps.db, tenantId, null, Number(ticketId)),
    readTenantModels(deps, tenantId),
  ]);
  if (row === undefined) throw new ServiceError("not_found", "The ticket is gone.");
  const model = models.find(({ isDefault }) => isDefault);
  if (model === undefined)
    throw new ServiceError(
      "model_unavailable",
      "No model can be used. An admin can set a key or choose a model in the settings.",
    );
  const scope = ruleScope({
    tenantId,
    actor: { id: String(projectId), name: "Autopilot" },
    grants: ["run.start"],
    requestId: "",
  });
  const prompt = ticketPrompt(row.ticket);
  const run = await startRun(deps, scope, {
    projectId: String(projectId),
    ticketId,
    mode: modeOfTicket(row.ticket.type),
    model: model.id,
    prompt,
    idempotencyKey: `autopilot:${ticketId}:${version}`,
    ...(row.repository === null ? {} : { repositoryId: String(row.repository.id) }),
  });
  return run.id;
}
