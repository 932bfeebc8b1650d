import type { Database } from "../../db/client.ts";
import { findTicketsBySource } from "../../db/stores/board-read.ts";
import { PortError } from "../../ports/errors.ts";
import type { BoardHost } from "../../ports/board-host.ts";
import type { TicketPlan } from "../run/engine/deps.ts";

/**
 * Makes an approved plan's tickets with their dependencies, in one commit of the project's board. A ticket's source key (run, hash, task)
 * is unique, so a repeat finds them and makes none. Answers them in the plan's order. Throws PortError for a project that is gone.
 */
export async function createPlanTickets(
  { boards, db }: { readonly boards: Pick<BoardHost, "write">; readonly db: Database },
  plan: TicketPlan,
): Promise<readonly { readonly id: string; readonly key: string; readonly title: string }[]> {
  const { createdBy, parentTicketId, projectId, repositoryId, tenantId } = plan;
  const place = { tenantId, projectId };
  const keys = plan.tasks.map((_task, index) => `${plan.source}:${index}`);
  const tickets = plan.tasks.map((task, index) => ({
    sourceKey: keys[index] ?? "",
    type: task.type,
    title: task.title,
    description: task.description,
    acceptanceCriteria: task.acceptance_criteria.map((criterion) => `- ${criterion}`).join("\n"),
    dependsOn: task.depends_on.map((other) => keys[other] ?? ""),
    column: null,
    priority: "none" as const,
    labels: [],
    assigneeId: null,
    repositoryId,
    parentId: parentTicketId,
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
