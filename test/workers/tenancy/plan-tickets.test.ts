import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { boardSchema } from "../../../contracts/board.ts";
import { boardHost } from "../../../worker/hosts.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { createPlanTickets } from "../../../worker/services/board/create-plan-tickets.ts";
import { auditOf } from "../client.ts";
import { newWorld } from "../world.ts";

test("a plan's tickets are made once, each with an audit entry of the run that made it", async () => {
  const { client, me, project, repository, runId } = await newWorld();
  const task = { type: "task" as const, description: "d", acceptance_criteria: ["c"] };
  const plan = {
    tenantId: Number(me.activeTenantId),
    runId,
    projectId: Number(project.id),
    repositoryId: Number(repository.id),
    createdBy: Number(me.user.id),
    source: `run:${runId}:0123456789abcdef`,
    parentTicketId: null,
    tasks: [
      { ...task, title: "One", depends_on: [] },
      { ...task, title: "Two", depends_on: [0] },
    ],
  };
  const board = { boards: boardHost(env.BOARDS), db: createDatabase(env.DB) };
  const made = await createPlanTickets(board, plan);
  expect(made.map(({ title }) => title)).toEqual(["One", "Two"]);
  expect(await createPlanTickets(board, plan)).toEqual(made);
  expect(await auditOf(me.activeTenantId, `run:${runId}`)).toEqual(
    made.map(({ id }) => ({ action: "ticket.created", subject: `ticket:${id}` })),
  );
  const { tickets } = await client.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
  expect(tickets.filter(({ title }) => ["One", "Two"].includes(title))).toHaveLength(2);
});
