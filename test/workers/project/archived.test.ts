import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { projectIsArchived, projectSchema } from "../../../contracts/project.ts";
import { createTestApi, testConfig } from "../app.ts";
import { auditOf, Client } from "../client.ts";
import { quietHost } from "../quiet-host.ts";
import { routeCases, type RouteCase } from "../tenancy/route-cases.ts";
import { newWorld, type World } from "../world.ts";

const runsGoOn = "A run that was under way when its project was archived goes on.";
const ofTenant = "It is the tenant's, and of no project.";

/** Routes that write although a project is archived, each with the reason. Every other writing route must refuse. */
const exceptions: Readonly<Record<string, string>> = {
  "POST /api/me/active-tenant": ofTenant,
  "POST /api/projects": "It makes another project.",
  "POST /api/models": ofTenant,
  "PUT /api/models/{id}": ofTenant,
  "DELETE /api/models/{id}": ofTenant,
  "PUT /api/provider-keys/{provider}": ofTenant,
  "DELETE /api/provider-keys/{provider}": ofTenant,
  "POST /api/connectors": ofTenant,
  "POST /api/connectors/visibility": ofTenant,
  "POST /api/connectors/{id}/sync": ofTenant,
  "DELETE /api/connectors/{id}": ofTenant,
  "POST /api/uploads": ofTenant,
  "POST /api/notices/read": ofTenant,
  "POST /api/runs/{id}/effects/retry": runsGoOn,
  "POST /api/runs/{id}/cancel": runsGoOn,
  "POST /api/runs/{id}/resume": runsGoOn,
  "POST /api/runs/{id}/pause": runsGoOn,
  "POST /api/runs/{id}/answer": runsGoOn,
  "POST /api/runs/{id}/messages": runsGoOn,
  "PUT /api/runs/{id}/messages/{messageId}": runsGoOn,
  "DELETE /api/runs/{id}/messages/{messageId}": runsGoOn,
  "POST /api/runs/{id}/patch-sets/{hash}/decision": runsGoOn,
  "POST /api/runs/{id}/pull-requests/{repositoryId}/close": runsGoOn,
  "DELETE /api/runs/{id}/branches/{repositoryId}": runsGoOn,
  "PUT /api/runs/{id}/limits": runsGoOn,
  "PUT /api/runs/{id}/plan": runsGoOn,
  "PUT /api/runs/{id}/repositories": runsGoOn,
  "PUT /api/runs/{id}/repository-order": runsGoOn,
};

/** Requests in the place of the routes' own cases, where those are about something else than the project. */
const ofProject: Readonly<Record<string, Pick<RouteCase, "body" | "path">>> = {
  "PUT /api/instructions": {
    path: (world) => `/api/instructions?scope=project&scopeId=${world.project.id}`,
    body: () => ({ text: "Be brief." }),
  },
  "POST /api/runs": {
    path: () => "/api/runs",
    body: (world) => ({
      ...{ projectId: world.project.id, repositoryId: world.repository.id, mode: "implement" },
      ...{ prompt: "Do it.", model: world.ownModelId },
    }),
  },
};

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ "x-permission": z.unknown().optional() }))),
});

/** The routes of the API's document that members reach. */
async function memberRoutes(): Promise<readonly string[]> {
  const { paths } = await new Client().ask(documentSchema, 200, "GET", "/api/openapi.json");
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { "x-permission": permission }]) =>
      permission === undefined ? [] : [`${method.toUpperCase()} ${path}`],
    ),
  );
}

const isRead = (route: string) => route.startsWith("GET ");
const archive = (world: World, isArchived: boolean) =>
  world.client.ask(projectSchema, 200, "PATCH", `/api/projects/${world.project.id}`, { isArchived });

/** The request that asks a route about a world's project. */
function requestOf(route: string): Pick<RouteCase, "body" | "path"> {
  const found = ofProject[route] ?? routeCases.find((each) => each.route === route);
  if (found === undefined) throw new Error(`${route} has no case`);
  return found;
}

describe("an archived project", () => {
  let world: World;
  let routes: readonly string[];
  beforeAll(async () => {
    world = await newWorld();
    world.client.api = createTestApi(env.DB, testConfig, { runs: quietHost() });
    routes = await memberRoutes();
  });

  test("has an exception for routes that there are alone", () => {
    const writing = routes.filter((route) => !isRead(route));
    expect(Object.keys(exceptions).filter((route) => !writing.includes(route))).toEqual([]);
    expect(writing.length).toBeGreaterThan(Object.keys(exceptions).length + 25);
  });

  test("is refused every write by every route in the same words, and nothing of it is recorded", async () => {
    await archive(world, true);
    const before = await auditOf(world.me.activeTenantId);
    for (const route of routes.filter((each) => !isRead(each) && exceptions[each] === undefined)) {
      const { body, path } = requestOf(route);
      const [method = ""] = route.split(" ");
      const response = await world.client.send(method, path(world), body?.(world, "admin"));
      const problem: unknown = await response.json();
      expect({ route, problem }).toMatchObject({ route, problem: { code: "conflict", detail: projectIsArchived } });
    }
    expect(await auditOf(world.me.activeTenantId)).toEqual(before);
  });

  test("is read as before, by every route", async () => {
    const answers = async () => {
      const found: Record<string, number> = {};
      for (const route of routes.filter(isRead))
        found[route] = (await world.client.send("GET", requestOf(route).path(world))).status;
      return found;
    };
    await archive(world, true);
    const archived = await answers();
    expect(Object.entries(archived).filter(([, status]) => status >= 500)).toEqual([]);
    await archive(world, false);
    expect(archived).toEqual(await answers());
  });
});
