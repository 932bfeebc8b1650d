import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { boardViewSchema, type BoardView } from "../../../contracts/board-view.ts";
import { createTestApi, testConfig } from "../app.ts";
import { auditOf, Client, newMember } from "../client.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { newWorld, type World } from "../world.ts";

const list = z.object({ items: z.array(boardViewSchema) });

describe("saved views", () => {
  let world: World;
  let mate: Client;
  let views: string;
  beforeAll(async () => {
    world = await newWorld();
    views = `/api/projects/${world.project.id}/views`;
    mate = (await newMember(world.me.activeTenantId, "viewer")).client;
    for (const id of Object.values(world.viewIds)) await world.client.send("DELETE", `/api/views/${id}`);
  });
  const save = async (name: string, fields: Readonly<Record<string, unknown>> = {}): Promise<BoardView> =>
    world.client.ask(boardViewSchema, 201, "POST", views, { name, query: "view=list&assignee=me", ...fields });
  const names = async (client: Client): Promise<string[]> =>
    (await client.ask(list, 200, "GET", views)).items.map(({ name }) => name);

  test("are listed by name: a person's own, and those that others share", async () => {
    const own = await save("  Mine  ");
    await save("Everyone's", { isShared: true });
    expect(own).toMatchObject({ name: "Mine", query: "view=list&assignee=me", isShared: false });
    expect(own.owner.id).toBe(world.me.user.id);
    expect(await names(world.client)).toEqual(["Everyone's", "Mine"]);
    expect(await names(mate)).toEqual(["Everyone's"]);
  });

  test("are changed by their owner alone", async () => {
    const view = await save("Before", { isShared: true });
    const path = `/api/views/${view.id}`;
    const edit = { name: "After", query: "type=bug", isShared: false };
    expect((await mate.problem("PATCH", path, { name: "Taken" })).detail).toMatch(/Only the person who saved/u);
    expect(await world.client.ask(boardViewSchema, 200, "PATCH", path, edit)).toEqual({ ...view, ...edit });
    expect((await mate.problem("PATCH", path, { name: "Taken" })).code).toBe("not_found");
    expect(await world.client.ask(boardViewSchema, 200, "PATCH", path, {})).toEqual({ ...view, ...edit });
  });

  test("are deleted by their owner, and shared ones by an administrator, but by no other member", async () => {
    const other = await newMember(world.me.activeTenantId, "pm");
    const make = async (isShared: boolean): Promise<string> =>
      (await other.client.ask(boardViewSchema, 201, "POST", views, { name: "Other's", query: "", isShared })).id;
    const [shared, kept] = [await make(true), await make(false)];
    expect((await mate.problem("DELETE", `/api/views/${shared}`)).code).toBe("forbidden");
    expect((await world.client.send("DELETE", `/api/views/${shared}`)).status).toBe(204);
    expect((await world.client.problem("DELETE", `/api/views/${kept}`)).code).toBe("not_found");
    expect((await other.client.send("DELETE", `/api/views/${kept}`)).status).toBe(204);
    expect((await other.client.problem("DELETE", `/api/views/${kept}`)).code).toBe("not_found");
    const actions = (await auditOf(world.me.activeTenantId)).filter(({ subject }) => subject === `view:${shared}`);
    expect(actions.map(({ action }) => action)).toEqual(["view.created", "view.deleted"]);
  });

  test.each([
    ["a key that no view keeps", { query: "view=list&evil=1" }, /has "evil"/u],
    ["a key twice", { query: "type=bug&type=task" }, /has type twice/u],
    ["a query that is too long", { query: `q=${"x".repeat(2_000)}` }, /at most 2,000/u],
    ["a name of spaces", { name: "  " }, /must not be empty/u],
    ["a name that is too long", { name: "x".repeat(101) }, /at most 100/u],
    ["a field that there is not", { ownerId: "1" }, /./u],
  ])("with %s are refused, and the answer says why", async (_what, fields, message) => {
    const problem = await world.client.problem("POST", views, { name: "N", query: "", ...fields });
    expect(problem.code).toBe("invalid_request");
    expect(problem.detail).toMatch(message);
  });

  test("are at most a hundred of one person, and the refused one leaves no audit entry", async () => {
    const fresh = await newWorld();
    const place = `/api/projects/${fresh.project.id}/views`;
    await env.DB.prepare(
      `insert into saved_view (tenant_id, project_id, owner_id, name, query, is_shared, created_at_ms)
       select ?, ?, ?, 'n', '', 0, 0 from json_each(?)`,
    )
      .bind(
        ...[fresh.me.activeTenantId, fresh.project.id, fresh.me.user.id].map(Number),
        JSON.stringify(Array.from({ length: 98 }, (_, index) => index)),
      )
      .run();
    const before = await auditOf(fresh.me.activeTenantId);
    expect((await fresh.client.problem("POST", place, { name: "101st", query: "" })).code).toBe("conflict");
    expect(await auditOf(fresh.me.activeTenantId)).toEqual(before);
  });

  test("take at most three queries to list, and none of them scans a table", async () => {
    const { d1, sent } = countedD1(env.DB);
    const client = new Client(createTestApi(d1, testConfig));
    for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
    expect((await client.send("GET", views)).status).toBe(200);
    expect(sent.length).toBeLessThanOrEqual(3);
    for (const query of sent) expect(await queryPlan(env.DB, query)).not.toMatch(/\bSCAN\b/);
  });
});
