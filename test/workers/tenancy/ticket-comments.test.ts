import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { boardWrittenSchema } from "../../../contracts/board.ts";
import { pageSchema } from "../../../contracts/common.ts";
import { runSchema } from "../../../contracts/run.ts";
import { ticketSchema, type Ticket } from "../../../contracts/project.ts";
import {
  activitySchema,
  commentSchema,
  commentVersionSchema,
  memberSchema,
  type Comment,
} from "../../../contracts/ticket-parts.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { boardHost, runHost } from "../../../worker/hosts.ts";
import type { RunSpec } from "../../../worker/ports/run-host.ts";
import { commentAs } from "../../../worker/services/board/comments.ts";
import { createRunEffects } from "../../../worker/services/run/run-effects.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newMember } from "../client.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { BoardWatcher } from "../faults/board-watcher.ts";
import { until } from "../faults/outside-control.ts";
import { newWorld, type World } from "../world.ts";

const commentPage = pageSchema(commentSchema);

async function newTicket(world: World): Promise<Ticket> {
  const path = `/api/projects/${world.project.id}/tickets`;
  return world.client.ask(ticketSchema, 201, "POST", path, { type: "task", title: "Talked about" });
}

const add = (client: Client, ticket: Ticket, body: string): Promise<Comment> =>
  client.ask(commentSchema, 201, "POST", `/api/tickets/${ticket.id}/comments`, { body });
const list = async (client: Client, ticket: Ticket): Promise<readonly Comment[]> =>
  (await client.ask(commentPage, 200, "GET", `/api/tickets/${ticket.id}/comments`)).items;

describe("a comment", () => {
  test("is read by members as it was written, counted on its ticket, and told to open boards", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "qa");
    const ticket = await newTicket(world);
    const watcher = new BoardWatcher(world.client, world.project.id);
    await watcher.connect();
    const body = "See <script>alert(1)</script> **here** \u202e [@M](#member-1)";
    const comment = await add(mate.client, ticket, body);
    expect(comment).toMatchObject({
      body,
      version: 1,
      editedAtMs: null,
      author: { kind: "person", id: mate.me.user.id },
    });
    expect(await list(world.client, ticket)).toEqual([comment]);
    const shown = await world.client.ask(ticketSchema, 200, "GET", `/api/tickets/${ticket.id}`);
    expect(shown).toMatchObject({ commentCount: 1, version: 1 });
    expect(await until(() => watcher.changes.find(({ type }) => type === "ticket.commented"))).toMatchObject({
      actor: { id: mate.me.user.id },
      data: { id: ticket.id, commentCount: 1 },
    });
  });

  test("is edited by its author alone, with the earlier texts kept, and an old version is refused", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "dev");
    const ticket = await newTicket(world);
    const { id } = await add(mate.client, ticket, "One");
    const path = `/api/comments/${id}`;
    expect(await world.client.problem("PATCH", path, { version: 1, body: "Mine" })).toMatchObject({ status: 403 });
    const edited = await mate.client.ask(commentSchema, 200, "PATCH", path, { version: 1, body: "Two" });
    expect(edited).toMatchObject({ body: "Two", version: 2 });
    expect(edited.editedAtMs).not.toBeNull();
    const stale = await mate.client.problem("PATCH", path, { version: 1, body: "Three" });
    expect(stale).toMatchObject({ status: 409, code: "conflict" });
    expect(stale.detail).toContain("version 2, yours was 1");
    const both = await Promise.all(
      ["A", "B"].map((body) => mate.client.send("PATCH", path, { version: 2, body }).then(({ status }) => status)),
    );
    expect(both.toSorted((a, b) => a - b)).toEqual([200, 409]);
    const schema = z.object({ items: z.array(commentVersionSchema) });
    const { items } = await world.client.ask(schema, 200, "GET", `${path}/versions`);
    expect(items.map(({ body, version }) => ({ body, version })).slice(1)).toEqual([
      { body: "Two", version: 2 },
      { body: "One", version: 1 },
    ]);
  });

  test("is deleted and restored by its author and by an admin, as often as it is asked for", async () => {
    const world = await newWorld();
    const [author, other] = [
      await newMember(world.me.activeTenantId, "qa"),
      await newMember(world.me.activeTenantId, "pm"),
    ];
    const ticket = await newTicket(world);
    const comment = await add(author.client, ticket, "Mine");
    const path = `/api/comments/${comment.id}`;
    expect((await other.client.problem("DELETE", path)).detail).toContain("This needs the role admin");
    for (const client of [author.client, world.client]) {
      for (const _ of [1, 2]) expect((await client.send("DELETE", path)).status).toBe(204);
      expect(await list(world.client, ticket)).toEqual([]);
      expect((await author.client.problem("PATCH", path, { version: 1, body: "x" })).detail).toContain("Restore it");
      expect((await world.client.problem("GET", `${path}/versions`)).status).toBe(404);
      for (const _ of [1, 2])
        expect(await client.ask(commentSchema, 200, "POST", `${path}/restore`, {})).toEqual(comment);
      expect(await list(world.client, ticket)).toEqual([comment]);
    }
  });

  test("on a deleted ticket is refused with the way out, and so are texts that are empty or too long", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    const path = `/api/tickets/${ticket.id}/comments`;
    for (const body of ["", " \n\t", "x".repeat(20_001)])
      expect(await world.client.problem("POST", path, { body })).toMatchObject({
        status: 400,
        issues: [{ path: "body" }],
      });
    expect((await world.client.problem("POST", path, { body: "x", more: 1 })).status).toBe(400);
    expect((await add(world.client, ticket, "x".repeat(20_000))).body).toHaveLength(20_000);
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${ticket.id}`);
    const problem = await world.client.problem("POST", path, { body: "Too late" });
    expect(problem).toMatchObject({ status: 404, code: "not_found" });
    expect(problem.detail).toContain("Restore it to comment on it");
  });

  test("of a run is written once for its source, by the run", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    const deps = { db: createDatabase(env.DB), boards: boardHost(env.BOARDS) };
    const by = { tenantId: Number(world.me.activeTenantId), actor: { kind: "run", id: "12", name: "" } } as const;
    const text = { body: "Run 12 failed: no tests.", sourceKey: `run:12:${crypto.randomUUID()}` };
    for (const _ of [1, 2, 3]) expect(await commentAs(deps, by, Number(ticket.id), text)).toMatchObject({ ok: true });
    expect(await list(world.client, ticket)).toMatchObject([{ body: text.body, author: { kind: "run", id: "12" } }]);
    const stranger = await newWorld();
    expect(await commentAs(deps, by, Number(stranger.ticket.id), text)).toMatchObject({ ok: false, code: "not_found" });
  });

  test("is written by a run that fails, with its cause, once", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    const effects = createRunEffects({
      db: createDatabase(env.DB),
      boards: boardHost(env.BOARDS),
      runs: runHost(env.RUNS),
      tellFeed: async () => undefined,
    });
    const [runId, tenantId] = [world.runId, Number(world.me.activeTenantId)];
    const spec = { runId, tenantId } as unknown as RunSpec;
    await env.DB.prepare("update run set ticket_id = ? where id = ?").bind(Number(ticket.id), Number(runId)).run();
    const notice = { reason: "failed", text: "The tests need a database.", atMs: 1 } as const;
    for (const _ of [1, 2]) await effects.notify(spec, `run:${runId}:1:notice`, notice);
    await effects.notify(spec, `run:${runId}:2:notice`, { ...notice, reason: "question" });
    expect(await list(world.client, ticket)).toMatchObject([
      { body: `Run ${runId} failed: The tests need a database.`, author: { kind: "run", id: runId } },
    ]);
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${ticket.id}`);
    await effects.notify(spec, `run:${runId}:3:notice`, notice);
  });

  test("comes in pages, newest first", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    for (const body of ["1", "2", "3"]) await add(world.client, ticket, body);
    const path = `/api/tickets/${ticket.id}/comments?limit=2`;
    const first = await world.client.ask(commentPage, 200, "GET", path);
    expect(first.items.map(({ body }) => body)).toEqual(["3", "2"]);
    const rest = await world.client.ask(commentPage, 200, "GET", `${path}&cursor=${first.nextCursor}`);
    expect(rest).toMatchObject({ items: [{ body: "1" }], nextCursor: null });
  });
});

test("a ticket's activity has every change with its person, newest first, and the members are listed by name", async () => {
  const world = await newWorld();
  const mate = await newMember(world.me.activeTenantId, "dev");
  const ticket = await newTicket(world);
  await world.client.ask(ticketSchema, 200, "PATCH", `/api/tickets/${ticket.id}`, { version: 1, title: "Named anew" });
  await add(mate.client, ticket, "Well");
  const path = `/api/tickets/${ticket.id}/activity`;
  const { items } = await world.client.ask(pageSchema(activitySchema), 200, "GET", path);
  expect(items.map(({ action, actor, data }) => ({ action, data, by: actor.name }))).toEqual([
    { action: "ticket.commented", by: mate.me.user.name, data: {} },
    { action: "ticket.edited", by: world.me.user.name, data: { fields: ["title"] } },
    { action: "ticket.created", by: world.me.user.name, data: expect.objectContaining({ title: "Talked about" }) },
  ]);
  const members = await mate.client.ask(z.object({ items: z.array(memberSchema) }), 200, "GET", "/api/members");
  expect(members.items.map(({ id }) => id).toSorted()).toEqual([world.me.user.id, mate.me.user.id].toSorted());
  const edit = { version: 2, assigneeId: (await newWorld()).me.user.id };
  expect(await world.client.problem("PATCH", `/api/tickets/${ticket.id}`, edit)).toMatchObject({
    status: 400,
    issues: [{ path: "assigneeId", message: "is not a member of this tenant" }],
  });
});

test("a ticket's runs are listed by the ticket, and what its drawer reads scans no table", async () => {
  const world = await newWorld();
  await env.DB.prepare("update run set ticket_id = ? where id = ?")
    .bind(Number(world.ticket.id), Number(world.runId))
    .run();
  const { d1, sent } = countedD1(env.DB);
  const client = new Client(createTestApi(d1, testConfig));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  const runs = await client.ask(pageSchema(runSchema), 200, "GET", `/api/runs?ticketId=${world.ticket.id}`);
  expect(runs.items.map(({ id }) => id)).toEqual([world.runId]);
  const of = `/api/tickets/${world.ticket.id}`;
  for (const path of [
    `${of}/comments`,
    `${of}/activity`,
    `${of}/attachments`,
    "/api/members",
    `/api/comments/${world.commentId}/versions`,
  ])
    expect((await client.send("GET", path)).status, path).toBe(200);
  expect(sent.length).toBeGreaterThan(5);
  for (const query of sent) expect(await queryPlan(env.DB, query)).not.toMatch(/\bSCAN\b/);
});

test("a title of 10 kB and an unknown field are refused with the field named", async () => {
  const world = await newWorld();
  const path = `/api/tickets/${world.ticket.id}`;
  const long = await world.client.problem("PATCH", path, { version: 1, title: "x".repeat(10_000) });
  expect(long).toMatchObject({ status: 400, issues: [{ path: "title", message: "may have at most 200 characters" }] });
  expect((await world.client.problem("PATCH", path, { version: 1, dependsOn: [] })).status).toBe(400);
});
