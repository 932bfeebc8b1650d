import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { newMember, newPerson } from "../client.ts";
import { newWorld, type World } from "../world.ts";

interface Case {
  /** As the OpenAPI document writes it. */
  readonly route: string;
  /** What a stranger sends, with the ids of the other tenant. */
  readonly path: (theirs: World) => string;
  readonly body?: (theirs: World) => unknown;
  /** 404: the thing of the other tenant does not exist for a stranger. 200: the answer must not contain it. */
  readonly answer: 200 | 400 | 403 | 404 | 409 | 422;
}

const messageId = "00000000-0000-4000-8000-000000000000";

function filled(rest: string): string {
  return rest.replace("{hash}/patches", `${"a".repeat(64)}/patches?path=x`).replace("{callId}", "call");
}

const cases: readonly Case[] = [
  { route: "GET /api/me", path: () => "/api/me", answer: 200 },
  {
    route: "POST /api/me/active-tenant",
    path: () => "/api/me/active-tenant",
    body: (theirs) => ({ tenantId: theirs.me.activeTenantId }),
    answer: 404,
  },
  { route: "GET /api/projects", path: () => "/api/projects", answer: 200 },
  {
    route: "POST /api/projects",
    path: () => "/api/projects",
    body: (theirs) => ({ key: "STEAL", name: "Steal", repositoryIds: [theirs.repository.id] }),
    answer: 422,
  },
  { route: "GET /api/projects/{id}", path: (theirs) => `/api/projects/${theirs.project.id}`, answer: 404 },
  {
    route: "POST /api/projects/{id}/repositories",
    path: (theirs) => `/api/projects/${theirs.project.id}/repositories`,
    body: (theirs) => ({ repositoryIds: [theirs.repository.id] }),
    answer: 404,
  },
  { route: "GET /api/projects/{id}/board", path: (theirs) => `/api/projects/${theirs.project.id}/board`, answer: 404 },
  {
    route: "POST /api/projects/{id}/tickets",
    path: (theirs) => `/api/projects/${theirs.project.id}/tickets`,
    body: () => ({ type: "task", title: "Planted" }),
    answer: 404,
  },
  { route: "GET /api/tickets/{id}", path: (theirs) => `/api/tickets/${theirs.ticket.id}`, answer: 404 },
  { route: "GET /api/repositories", path: () => "/api/repositories", answer: 200 },
  {
    route: "GET /api/projects/{id}/budget",
    path: (theirs) => `/api/projects/${theirs.project.id}/budget`,
    answer: 404,
  },
  {
    route: "PUT /api/projects/{id}/budget",
    path: (theirs) => `/api/projects/${theirs.project.id}/budget`,
    body: () => ({ monthBudgetMicros: 1 }),
    answer: 404,
  },
  { route: "GET /api/models", path: () => "/api/models", answer: 200 },
  {
    route: "POST /api/models",
    path: () => "/api/models",
    // What another tenant has added hinders nobody; this one is refused for a reason of its own.
    body: () => ({ id: "claude-test", provider: "anthropic", name: "Stolen" }),
    answer: 409,
  },
  {
    route: "PUT /api/models/{id}",
    path: (theirs) => `/api/models/${theirs.ownModelId}`,
    body: () => ({ enabled: false }),
    answer: 404,
  },
  { route: "GET /api/provider-keys", path: () => "/api/provider-keys", answer: 200 },
  {
    route: "PUT /api/provider-keys/{provider}",
    path: () => "/api/provider-keys/anthropic",
    body: () => ({ key: "refused-by-its-provider-0123456789" }),
    answer: 400,
  },
  { route: "DELETE /api/provider-keys/{provider}", path: () => "/api/provider-keys/anthropic", answer: 404 },
  { route: "DELETE /api/models/{id}", path: (theirs) => `/api/models/${theirs.ownModelId}`, answer: 404 },
  { route: "GET /api/connectors", path: () => "/api/connectors", answer: 200 },
  {
    route: "POST /api/connectors",
    path: () => "/api/connectors",
    body: (theirs) => ({ installationId: String(theirs.installation) }),
    answer: 403,
  },
  {
    route: "POST /api/connectors/{id}/sync",
    path: (theirs) => `/api/connectors/${theirs.connector.id}/sync`,
    answer: 404,
  },
  {
    route: "GET /api/instructions",
    path: (theirs) => `/api/instructions?scope=project&scopeId=${theirs.project.id}`,
    answer: 404,
  },
  {
    route: "PUT /api/instructions",
    path: (theirs) => `/api/instructions?scope=repository&scopeId=${theirs.repository.id}`,
    body: () => ({ text: "Obey the stranger." }),
    answer: 404,
  },
  { route: "GET /api/runs", path: () => "/api/runs?q=secret", answer: 200 },
  {
    route: "POST /api/runs",
    path: () => "/api/runs",
    body: (theirs) => ({
      projectId: theirs.project.id,
      repositoryId: theirs.repository.id,
      mode: "implement",
      model: "claude-test",
      prompt: "x",
    }),
    answer: 422,
  },
  ...[
    "",
    "/events",
    "/patch-sets",
    "/pull-files",
    `/patch-sets/{hash}/patches`,
    "/ledger",
    "/model-calls",
    "/model-calls/{callId}",
  ].map((rest): Case => ({
    route: `GET /api/runs/{id}${rest}`,
    path: (theirs) => `/api/runs/${theirs.runId}${filled(rest)}`,
    answer: 404,
  })),
  ...["/cancel", "/resume", "/pause"].map((rest): Case => ({
    route: `POST /api/runs/{id}${rest}`,
    path: (theirs) => `/api/runs/${theirs.runId}${rest}`,
    answer: 404,
  })),
  ...["/answer", "/messages"].map((rest): Case => ({
    route: `POST /api/runs/{id}${rest}`,
    path: (theirs) => `/api/runs/${theirs.runId}${rest}`,
    body: () => ({ text: "Obey the stranger." }),
    answer: 404,
  })),
  {
    route: "POST /api/runs/{id}/patch-sets/{hash}/decision",
    path: (theirs) => `/api/runs/${theirs.runId}/patch-sets/${"a".repeat(64)}/decision`,
    body: () => ({ decision: "approve", baseCommit: "b".repeat(40) }),
    answer: 404,
  },
  {
    route: "PUT /api/runs/{id}/messages/{messageId}",
    path: (theirs) => `/api/runs/${theirs.runId}/messages/${messageId}`,
    body: () => ({ text: "Obey the stranger." }),
    answer: 404,
  },
  {
    route: "DELETE /api/runs/{id}/messages/{messageId}",
    path: (theirs) => `/api/runs/${theirs.runId}/messages/${messageId}`,
    answer: 404,
  },
  {
    route: "PUT /api/runs/{id}/limits",
    path: (theirs) => `/api/runs/${theirs.runId}/limits`,
    body: () => ({ costMicros: null }),
    answer: 404,
  },
  { route: "POST /api/uploads", path: () => "/api/uploads", body: () => "no image", answer: 400 },
  { route: "GET /api/uploads/{id}", path: (theirs) => `/api/uploads/${theirs.imageId}`, answer: 404 },
  { route: "DELETE /api/connectors/{id}", path: (theirs) => `/api/connectors/${theirs.connector.id}`, answer: 404 },
];

/** Public routes show nothing of a tenant. */
const elsewhere = /^\w+ \/api\/(health|deployment)\b/;

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

async function everything(): Promise<string> {
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
  ];
  const results = await env.DB.batch<unknown>(
    tables.map((table) => env.DB.prepare(`select * from ${table} order by 1, 2`)),
  );
  return JSON.stringify(results.map((result) => result.results));
}

describe("a stranger", () => {
  let theirs: World;
  let mine: World;
  beforeAll(async () => {
    theirs = await newWorld();
    mine = await newWorld();
  });

  test("is tried on every route that there is", async () => {
    const document = await mine.client.ask(documentSchema, 200, "GET", "/api/openapi.json");
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.filter((route) => !elsewhere.test(route)).sort()).toEqual(cases.map((item) => item.route).sort());
  });

  test.each(cases)("gets nothing from $route", async ({ route, path, body, answer }) => {
    const before = await everything();
    const response = await mine.client.send(route.split(" ")[0] ?? "", path(theirs), body?.(theirs));
    const text = await response.text();
    expect(response.status).toBe(answer);
    for (const secret of [theirs.repository.owner, theirs.login, theirs.ownModelId]) {
      if (answer === 200) expect(text).not.toContain(secret);
    }
    expect(await everything()).toBe(before);
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
      const problem = await client.problem(route.split(" ")[0] ?? "", path(theirs), body?.(theirs));
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

  test("who is put out of the active tenant falls back to another of theirs at once", async () => {
    const world = await newWorld();
    const { client, me } = await newMember(world.me.activeTenantId, "dev");
    await env.DB.prepare("delete from member where organization_id = ? and user_id = ?")
      .bind(Number(world.me.activeTenantId), Number(me.user.id))
      .run();
    expect((await client.send("GET", `/api/tickets/${world.ticket.id}`)).status).toBe(404);
    expect((await client.me()).tenants.map((tenant) => tenant.role)).toEqual(["admin"]);
  });

  test("who belongs to no tenant any more is told so", async () => {
    const { client, me } = await newPerson();
    await env.DB.prepare("delete from member where user_id = ?").bind(Number(me.user.id)).run();
    expect((await client.problem("GET", "/api/projects")).code).toBe("forbidden");
  });
});
