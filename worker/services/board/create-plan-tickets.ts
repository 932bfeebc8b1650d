import type { Database } from "../../db/client.ts";
import { findTicketsBySource, insertSourcedTickets } from "../../db/stores/plan-ticket.ts";
import type { TicketPlan } from "../run/engine/deps.ts";

/**
 * Makes an approved plan's tickets with their dependencies, in one commit. A ticket's source key (run, hash, task) is unique,
 * so a repeat finds them and makes none. Answers them in the plan's order.
 */
export async function createPlanTickets(
  db: Database,
  plan: TicketPlan,
  nowMs: number,
): Promise<readonly { readonly id: string; readonly key: string; readonly title: string }[]> {
  const keys = plan.tasks.map((_task, index) => `${plan.source}:${index}`);
  const known = await findTicketsBySource(db, plan.tenantId, plan.projectId, keys);
  if (known.length < keys.length) {
    const rows = plan.tasks.map((task, index) => ({
      sourceKey: keys[index] ?? "",
      type: task.type,
      title: task.title,
      description: task.description,
      acceptanceCriteria: task.acceptance_criteria.map((criterion) => `- ${criterion}`).join("\n"),
      dependsOn: task.depends_on.map((other) => keys[other] ?? ""),
    }));
    await insertSourcedTickets(db, { ...plan, nowMs }, rows);
  }
  const made = await findTicketsBySource(db, plan.tenantId, plan.projectId, keys);
  return keys.flatMap((key) =>
    made
      .filter((ticket) => ticket.sourceKey === key)
      .map(({ id, number, projectKey, title }) => ({ id: String(id), key: `${projectKey}-${number}`, title })),
  );
}
