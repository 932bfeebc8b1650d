import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { newMember, newPerson } from "../client.ts";
import { newWorld, type World } from "../world.ts";
import { routeCases } from "./route-cases.ts";

/** Each route once, as a stranger calls it. */
const cases = routeCases.flatMap(({ stranger, ...each }) =>
  stranger === undefined ? [] : [{ ...each, answer: stranger }],
);

/** Public routes show nothing of a tenant. */
const elsewhere = /^\w+ \/api\/(health|deployment)\b/;

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** All rows of these tables; of sums of money, which the objects of other tests' projects write by timers, those of both tenants. */
async function everything(tenants: readonly [World, World]): Promise<string> {
  const ids = tenants.map(({ me }) => Number(me.activeTenantId)).join(", ");
  const only = (table: string): string => (table === "budget_month" ? `where tenant_id in (${ids})` : "");
  const tables = [
    "organization",
    "member",
    "connector",
    "repository",
    "project",
    "project_repository",
    "ticket",
    "run",
    "instruction",
    "tenant_model",
    "provider_key",
    "budget_month",
    "notice",
    "saved_view",
  ];
  const results = await env.DB.batch<unknown>(
    tables.map((table) => env.DB.prepare(`select * from ${table} ${only(table)} order by 1, 2`)),
  );
  return JSON.stringify(results.map((result) => result.results));
}

describe("a stranger", () => {
  let theirs: World;
  let mine: World;
  beforeAll(async () => {
    theirs = await newWorld();
    mine = await newWorld();
    await env.DB.prepare(
      `insert into notice (tenant_id, user_id, run_id, reason, text, effect_key, at_ms)
       select tenant_id, started_by, id, 'failed', ?, 'of-the-isolation-test', 1 from run where id = ?`,
    )
      .bind(theirs.login, Number(theirs.runId))
      .run();
  });

  test("is tried on every route that there is", async () => {
    const document = await mine.client.ask(documentSchema, 200, "GET", "/api/openapi.json");
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.filter((route) => !elsewhere.test(route)).sort()).toEqual(cases.map((item) => item.route).sort());
  });

  test.each(cases)("gets nothing from $route", async ({ route, path, body, answer }) => {
    const before = await everything([theirs, mine]);
    const response = await mine.client.send(route.split(" ")[0] ?? "", path(theirs), body?.(theirs, "viewer"));
    const text = await response.text();
    expect(response.status).toBe(answer);
    for (const secret of [theirs.repository.owner, theirs.login, theirs.ownModelId]) {
      if (answer === 200) expect(text).not.toContain(secret);
    }
    expect(await everything([theirs, mine])).toBe(before);
  });

  test("gets the same from a thing of another tenant as from one that does not exist", async () => {
    const foreign = await mine.client.problem("GET", `/api/tickets/${theirs.ticket.id}`);
    const missing = await mine.client.problem("GET", "/api/tickets/999999999");
    expect({ ...foreign, requestId: "" }).toEqual({ ...missing, requestId: "" });
  });

  test("without a session gets nothing but 401", async () => {
    const { client } = await newPerson();
    client.cookies.clear();
    for (const { route, path, body } of cases) {
      const problem = await client.problem(route.split(" ")[0] ?? "", path(theirs), body?.(theirs, "viewer"));
      expect([route, problem.code]).toEqual([route, "unauthenticated"]);
    }
  });

  test("can't put things of another tenant into a ticket", async () => {
    const create = (extra: object) =>
      mine.client.problem("POST", `/api/projects/${mine.project.id}/tickets`, {
        type: "bug",
        title: "Mixed",
        ...extra,
      });
    expect((await create({ repositoryId: theirs.repository.id })).code).toBe("unknown_repository");
    expect((await create({ assigneeId: theirs.me.user.id })).issues).toEqual([
      { path: "assigneeId", message: "is not a member of this tenant" },
    ]);
    expect((await create({ parentId: theirs.ticket.id })).issues).toEqual([
      { path: "parentId", message: "is not a ticket of this project" },
    ]);
  });
});

describe("a member of two tenants", () => {
  test("sees the active one only, and switches by session", async () => {
    const world = await newWorld();
    const { client, me } = await newMember(world.me.activeTenantId, "viewer");
    expect(me.tenants.map((tenant) => tenant.role).sort()).toEqual(["admin", "viewer"]);
    expect((await client.send("GET", `/api/projects/${world.project.id}`)).status).toBe(200);
    const home = me.tenants.find((tenant) => tenant.role === "admin")?.id ?? "";
    await client.send("POST", "/api/me/active-tenant", { tenantId: home });
    expect((await client.send("GET", `/api/projects/${world.project.id}`)).status).toBe(404);
  });

  test("a person removed from the active tenant falls back to another of theirs at once", async () => {
    const world = await newWorld();
    const { client, me } = await newMember(world.me.activeTenantId, "dev");
    await env.DB.prepare("delete from member where organization_id = ? and user_id = ?")
      .bind(Number(world.me.activeTenantId), Number(me.user.id))
      .run();
    expect((await client.send("GET", `/api/tickets/${world.ticket.id}`)).status).toBe(404);
    expect((await client.me()).tenants.map((tenant) => tenant.role)).toEqual(["admin"]);
  });

  test("a person without any tenant is refused", async () => {
    const { client, me } = await newPerson();
    await env.DB.prepare("delete from member where user_id = ?").bind(Number(me.user.id)).run();
    expect((await client.problem("GET", "/api/projects")).code).toBe("forbidden");
  });
});
