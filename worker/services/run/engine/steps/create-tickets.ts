import { planHash } from "../../../../../domain/patch-set/plan-hash.ts";
import { PortError } from "../../../../ports/errors.ts";
import { planSchema, type Plan } from "../../../../../contracts/plan.ts";
import { findRepository } from "../../../../../domain/plan/check.ts";
import type { RunView } from "../../../../../domain/run/fold.ts";
import { chosenLanes, firstLane } from "../../../../../domain/run/lanes.ts";
import type { EngineDeps, PlannedTicket, StepContext, StepOutcome, TicketPlan } from "../deps.ts";
import { move } from "../../../../../domain/run/move.ts";

/**
 * Turns an approved plan into tickets. The approval must be of this very plan: its hash is computed again. Each ticket has a
 * key of its own (run and task), so a repeat after a crash makes no second one.
 */
export async function createTickets(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const view = journal.view();
  const { approval, artifacts, created, proposal } = view;
  const plan = planSchema.safeParse(artifacts.plan?.data);
  const fits = plan.success && proposal !== undefined && planHash(proposal.baseCommit, plan.data) === proposal.hash;
  if (
    !fits ||
    approval?.decision !== "approve" ||
    approval.hash !== proposal.hash ||
    approval.baseCommit !== proposal.baseCommit
  ) {
    journal.commit(
      { events: [move(journal.view(), "failed", "No ticket was made: the approval is not of this plan.").event] },
      epoch,
    );
    return "again";
  }
  const { projectId, runId, tenantId } = journal.spec;
  const tickets = await createOrRetry(deps, {
    tenantId,
    runId,
    projectId: Number(projectId),
    createdBy: Number(approval.by.id),
    source: `run:${runId}:${proposal.hash.slice(0, 16)}`,
    parentTicketId: created?.ticket === null || created?.ticket === undefined ? null : Number(created.ticket.id),
    tasks: plan.data.tasks.map((task) => inRepository(view, task)),
  });
  journal.commit(
    {
      events: [
        { type: "tickets.created", data: { hash: proposal.hash, tickets: [...tickets] } },
        move(journal.view(), "plan_applied").event,
      ],
    },
    epoch,
  );
  return "again";
}

/** An item with the repository that it names; the run's first one where it names none. */
function inRepository(view: RunView, task: Plan["tasks"][number]): PlannedTicket {
  const { repository } = task;
  const lane = repository === undefined ? undefined : findRepository(chosenLanes(view), repository);
  return { ...task, repositoryId: Number((lane ?? firstLane(view)).id) };
}

/** The database's own errors say nothing of whether it stored anything; each ticket is made once, so trying again is right. */
async function createOrRetry(deps: EngineDeps, plan: TicketPlan): ReturnType<EngineDeps["createTickets"]> {
  try {
    return await deps.createTickets(plan);
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError("tracker", "transient", "database_failed", String(error), { cause: error });
  }
}
