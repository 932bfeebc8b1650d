import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { boardSchema } from "../../../contracts/board.ts";
import { projectSchema, ticketStages, ticketSchema, type Ticket } from "../../../contracts/project.ts";
import { createTestApi, testConfig } from "../app.ts";
import { auditOf, Client, newMember } from "../client.ts";
import { takeRunNumber } from "../run-row.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { newWorld, type World } from "../world.ts";

async function addTicket(world: World, fields: Readonly<Record<string, unknown>>): Promise<Ticket> {
  return world.client.ask(ticketSchema, 201, "POST", `/api/projects/${world.project.id}/tickets`, {
    type: "task",
    title: "T",
    ...fields,
  });
}

describe("a new ticket", () => {
  test("has the project's key, what was given, and defaults for the rest", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "dev");
    const given = {
      type: "bug",
      title: "  Sums are wrong ",
      description: "**1 + 1**",
      acceptanceCriteria: "- 2",
      column: "todo",
      priority: "high",
      labels: ["math", "urgent"],
      assigneeId: mate.me.user.id,
      repositoryId: world.repository.id,
      parentId: world.ticket.id,
    };
    const ticket = await addTicket(world, given);
    expect(ticket).toMatchObject({
      key: "LIME-2",
      type: "bug",
      title: "Sums are wrong",
      column: "todo",
      priority: "high",
      labels: ["math", "urgent"],
      run: null,
    });
    expect(ticket.assignee).toEqual({
      id: mate.me.user.id,
      name: mate.me.user.name,
      avatarUrl: mate.me.user.avatarUrl,
    });
    expect(ticket.repository).toEqual({ id: world.repository.id, owner: world.repository.owner, name: "one" });
    expect(await world.client.ask(ticketSchema, 200, "GET", `/api/tickets/${ticket.id}`)).toEqual(ticket);
    expect(world.ticket).toMatchObject({
      key: "LIME-1",
      column: "backlog",
      priority: "none",
      labels: [],
      assignee: null,
      repository: null,
    });
    expect((await auditOf(world.me.activeTenantId)).at(-1)).toEqual({
      action: "ticket.created",
      subject: `ticket:${ticket.id}`,
    });
  });

  test("gets a number of its own, also when ten are made at once", async () => {
    const world = await newWorld();
    const tickets = await Promise.all(
      Array.from({ length: 10 }, (_, index) => addTicket(world, { title: `T${index}` })),
    );
    const numbers = tickets.map((ticket) => Number(ticket.key.split("-")[1])).sort((a, b) => a - b);
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("keeps text as it was written, whatever it says", async () => {
    const world = await newWorld();
    const title = `'); drop table ticket; -- ${"$"}{x} <img src=x> 日本語 \u202e`;
    const ticket = await addTicket(world, { title, labels: ['"', "\\"] });
    expect(ticket).toMatchObject({ title, labels: ['"', "\\"] });
  });
});

describe("a board", () => {
  test("has every column in order and its tickets in the order they were made, with their newest run", async () => {
    const world = await newWorld();
    const second = await addTicket(world, { title: "Second" });
    const doing = await addTicket(world, { title: "Doing", column: "in_progress" });
    const insertRun = env.DB
      .prepare(`insert into run (id, tenant_id, project_id, ticket_id, repository_id, base_branch, title, mode, state, prompt,
      provider, model, started_by, created_at_ms, updated_at_ms) values (?, ?, ?, ?, ?, 'main', 'r', 'bugfix', ?, 'p', 'anthropic', 'm', ?, 0, 0)`);
    const ids = [world.me.activeTenantId, world.project.id, doing.id, world.repository.id].map(Number);
    for (const state of ["FAILED", "CODING"]) {
      const id = await takeRunNumber(world.me.activeTenantId);
      await insertRun.bind(id, ...ids, state, Number(world.me.user.id)).run();
    }
    const board = await world.client.ask(boardSchema, 200, "GET", `/api/projects/${world.project.id}/board`);
    expect(board.project).toEqual({ ...world.project, hasHadTickets: true });
    expect(board.boards).toMatchObject([
      { name: "Board", columns: ticketStages.map((stage) => ({ id: stage, stage })) },
    ]);
    expect(board.tickets.map(({ column, id }) => [column, id])).toEqual([
      ["backlog", world.ticket.id],
      ["backlog", second.id],
      ["in_progress", doing.id],
    ]);
    expect(board.tickets[2]?.run).toMatchObject({ state: "CODING", mode: "bugfix" });
  });

  test("takes at most three queries, the session's included, and none of them scans a table", async () => {
    const world = await newWorld();
    const { d1, sent } = countedD1(env.DB);
    const client = new Client(createTestApi(d1, testConfig));
    for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
    const paths = [
      `/api/projects/${world.project.id}/board`,
      "/api/projects",
      `/api/tickets/${world.ticket.id}`,
      "/api/repositories",
      "/api/connectors",
      "/api/me",
    ];
    for (const path of paths) {
      sent.length = 0;
      expect((await client.send("GET", path)).status).toBe(200);
      expect(sent.length).toBeGreaterThan(0);
      expect(sent.length).toBeLessThanOrEqual(3);
      for (const query of sent) expect(await queryPlan(env.DB, query)).not.toMatch(/\bSCAN\b/);
    }
  });
});

describe("a project", () => {
  test("lists its repositories, the first one given first", async () => {
    const world = await newWorld();
    await env.DB.prepare(
      `insert into repository (tenant_id, connector_id, external_id, owner, name, default_branch, is_private) values (?, ?, ?, 'o', 'two', 'main', 0)`,
    )
      .bind(Number(world.me.activeTenantId), Number(world.connector.id), crypto.randomUUID())
      .run();
    const { items } = await world.client.ask(
      z.object({ items: z.array(z.object({ id: z.string() })) }),
      200,
      "GET",
      "/api/repositories",
    );
    const ids = items.map((item) => item.id).reverse();
    const made = await world.client.ask(projectSchema, 201, "POST", "/api/projects", {
      key: "TWO",
      name: "Two",
      repositoryIds: ids,
    });
    expect(made.repositories.map((repository) => repository.id)).toEqual(ids);
    const listed = await world.client.ask(z.object({ items: z.array(projectSchema) }), 200, "GET", "/api/projects");
    expect(listed.items).toEqual([{ ...world.project, hasHadTickets: true }, made]);
    expect((await auditOf(world.me.activeTenantId)).at(-1)).toEqual({
      action: "project.created",
      subject: `project:${made.id}`,
    });
  });

  test("that could not be made leaves no audit row", async () => {
    const world = await newWorld();
    const before = await auditOf(world.me.activeTenantId);
    expect((await world.client.problem("POST", "/api/projects", { key: "LIME", name: "Again" })).code).toBe("conflict");
    expect(await auditOf(world.me.activeTenantId)).toEqual(before);
  });
});
