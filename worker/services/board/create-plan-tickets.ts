import type { Database } from "../../db/client.ts";
import { findTicketsBySource } from "../../db/stores/board-read.ts";
import { PortError } from "../../ports/errors.ts";
import type { BoardHost, NewTicket } from "../../ports/board-host.ts";
import type { PlannedTicket, TicketPlan } from "../run/engine/deps.ts";

/**
 * Makes an approved plan's tickets with their parents and dependencies, in one commit of the project's board. A ticket's source key (run, hash, task)
 * is unique, so a repeat finds them and makes none. Answers them in the plan's order. Throws PortError for a project that is gone.
 */
export async function createPlanTickets(
  { boards, db }: { readonly boards: Pick<BoardHost, "write">; readonly db: Database },
  plan: TicketPlan,
): Promise<readonly { readonly id: string; readonly key: string; readonly title: string }[]> {
  const { createdBy, parentTicketId, projectId, tenantId } = plan;
  const place = { tenantId, projectId };
  const keys = plan.tasks.map((_task, index) => `${plan.source}:${index}`);
  const keyOf = (index: number): string => keys[index] ?? "";
  const tickets = plan.tasks.map((task, index): NewTicket => ({
    sourceKey: keyOf(index),
    type: task.type,
    title: task.title,
    description: task.description,
    acceptanceCriteria: task.acceptance_criteria.map((criterion) => `- ${criterion}`).join("\n"),
    dependsOn: task.depends_on.map(keyOf),
    column: null,
    stage: task.stage ?? "backlog",
    priority: task.priority ?? "none",
    labels: labelsOf(task),
    assigneeId: null,
    repositoryId: task.repositoryId,
    parentId: parentTicketId,
    parentKey: task.parent === undefined ? null : keyOf(task.parent),
    createdBy,
  }));
  const caller = { actor: { kind: "run", id: plan.runId, name: "" }, sessionId: null, requestId: "" } as const;
  const result = await boards.write(place, caller, { kind: "create", tickets });
  if (!result.ok) throw new PortError("tracker", "permanent", result.code, result.detail);
  const made = await findTicketsBySource(db, place, keys);
  return keys.flatMap((key) =>
    made
      .filter((ticket) => ticket.sourceKey === key)
      .map(({ id, number, projectKey, title }) => ({ id: String(id), key: `${projectKey}-${number}`, title })),
  );
}

/** A ticket's labels: the item's own, each once, and its owner's role, for which a ticket has no field. */
function labelsOf({ labels = [], owner_role: role }: PlannedTicket): readonly string[] {
  return [...new Set([...labels, ...(role === undefined ? [] : [`role:${role}`])])];
}
