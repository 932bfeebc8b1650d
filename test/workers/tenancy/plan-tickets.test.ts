import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { boardChangeSchema, boardSchema } from "../../../contracts/board.ts";
import { planLimits } from "../../../contracts/plan-names.ts";
import { ticketSchema } from "../../../contracts/project.ts";
import { boardHost } from "../../../worker/hosts.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { createPlanTickets } from "../../../worker/services/board/create-plan-tickets.ts";
import { auditOf } from "../client.ts";
import { newWorld } from "../world.ts";

test("a plan's tickets are made once, each with an audit entry of the run that made it", async () => {
  const { client, me, project, repository, runId } = await newWorld();
  const task = {
    type: "task" as const,
    description: "d",
    acceptance_criteria: ["c"],
    repositoryId: Number(repository.id),
  };
  const plan = {
    tenantId: Number(me.activeTenantId),
    runId,
    projectId: Number(project.id),
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

test("a plan's tree becomes tickets with parents, columns, labels and priorities, in one change of the board", async () => {
  const { client, me, project, repository, runId } = await newWorld();
  const item = { description: "", acceptance_criteria: [], depends_on: [], repositoryId: Number(repository.id) };
  const plan = {
    tenantId: Number(me.activeTenantId),
    runId,
    projectId: Number(project.id),
    createdBy: Number(me.user.id),
    source: `run:${runId}:tree`,
    parentTicketId: null,
    tasks: [
      { ...item, type: "epic" as const, title: "Epic", owner_role: "pm" as const },
      { ...item, type: "story" as const, title: "Story", parent: 0, stage: "todo" as const },
      {
        ...item,
        type: "task" as const,
        title: "Task",
        parent: 1,
        owner_role: "dev" as const,
        labels: ["ui", "role:dev"],
        priority: "high" as const,
      },
      { ...item, type: "bug" as const, title: "Bug", parent: 1, depends_on: [2] },
    ],
  };
  const board = { boards: boardHost(env.BOARDS), db: createDatabase(env.DB) };
  const before = await client.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
  const [epic, story, task, bug] = await createPlanTickets(board, plan);
  expect(await createPlanTickets(board, plan)).toEqual([epic, story, task, bug]);
  const { headSeq, tickets } = await client.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
  const found = (id: string | undefined) => tickets.find((ticket) => ticket.id === id);
  expect(found(epic?.id)).toMatchObject({ type: "epic", parentId: null, column: "backlog", labels: ["role:pm"] });
  expect(found(story?.id)).toMatchObject({ type: "story", parentId: epic?.id, column: "todo", labels: [] });
  expect(found(task?.id)).toMatchObject({ parentId: story?.id, labels: ["ui", "role:dev"], priority: "high" });
  expect(found(bug?.id)).toMatchObject({ parentId: story?.id, dependsOn: [task?.id], priority: "none" });
  // Pages that have the board open get the tickets by the change, with their parents.
  expect(headSeq).toBe(before.headSeq + 1);
  const rows = await env.DB.prepare("select change from board_change where project_id = ? and seq = ?")
    .bind(Number(project.id), headSeq)
    .all<{ change: string }>();
  const change = boardChangeSchema.parse(JSON.parse(rows.results[0]?.change ?? ""));
  expect(change).toMatchObject({
    type: "tickets.created",
    data: { tickets: [{ parentId: null }, { parentId: epic?.id }, { parentId: story?.id }, { parentId: story?.id }] },
  });
});

test("a plan of the most items, each with a long text, is made in one change", async () => {
  const { client, me, project, repository, runId } = await newWorld();
  const plan = {
    tenantId: Number(me.activeTenantId),
    runId,
    projectId: Number(project.id),
    createdBy: Number(me.user.id),
    source: `run:${runId}:most`,
    parentTicketId: null,
    tasks: Array.from({ length: planLimits.items }, (_, index) => ({
      type: index === 0 ? ("story" as const) : ("task" as const),
      title: `Item ${index}`,
      description: "ü".repeat(3_000),
      acceptance_criteria: ["c"],
      depends_on: Array.from({ length: Math.min(50, Math.max(0, index - 1)) }, (_each, at) => at + 1),
      ...(index === 0 ? {} : { parent: 0 }),
      repositoryId: Number(repository.id),
    })),
  };
  const made = await createPlanTickets({ boards: boardHost(env.BOARDS), db: createDatabase(env.DB) }, plan);
  expect(made).toHaveLength(planLimits.items);
  const { tickets } = await client.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
  const last = tickets.find(({ id }) => id === made.at(-1)?.id);
  expect(last?.parentId).toBe(made[0]?.id);
  expect(last?.dependsOn).toHaveLength(50);
});

test("the items of a plan that are part of no other item are parts of the ticket that the run works on", async () => {
  const { client, me, project, repository, runId } = await newWorld();
  const item = { description: "", acceptance_criteria: [], depends_on: [], repositoryId: Number(repository.id) };
  const above = await client.ask(ticketSchema, 201, "POST", `/api/projects/${project.id}/tickets`, {
    type: "epic",
    title: "Above",
  });
  const [story, task] = await createPlanTickets(
    { boards: boardHost(env.BOARDS), db: createDatabase(env.DB) },
    {
      tenantId: Number(me.activeTenantId),
      runId,
      projectId: Number(project.id),
      createdBy: Number(me.user.id),
      source: `run:${runId}:below`,
      parentTicketId: Number(above.id),
      tasks: [
        { ...item, type: "story", title: "Story" },
        { ...item, type: "task", title: "Task", parent: 0 },
      ],
    },
  );
  const { tickets } = await client.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
  const parentOf = (id: string | undefined) => tickets.find((ticket) => ticket.id === id)?.parentId;
  expect([parentOf(story?.id), parentOf(task?.id)]).toEqual([above.id, story?.id]);
});
