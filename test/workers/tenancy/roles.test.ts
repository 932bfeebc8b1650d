import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { roles } from "../../../contracts/common.ts";
import { permissionNames, permissions, roleMay, type PermissionName } from "../../../domain/tenancy/permissions.ts";
import { createApp } from "../../../worker/app.ts";
import { Client, newMember, newPerson } from "../client.ts";
import { newWorld, type World } from "../world.ts";
import { routeCases } from "./route-cases.ts";

/** Routes that need no permission, each with the reason. */
const publicRoutes: Readonly<Record<string, string>> = {
  "GET /api/health": "The deployment's monitoring asks it, and it tells nothing of a tenant.",
  "GET /api/deployment": "The sign-in page shows it before anyone is signed in.",
  "GET /api/openapi.json": "The API's own description, the same for everyone.",
  "GET /api/docs": "A page over that description.",
  "GET /api/auth/*": "Signing in begins here.",
  "POST /api/auth/*": "Signing in and out.",
  "POST /api/webhooks/github": "The forge calls it; the signature over its bytes is checked.",
  "POST /api/operations/run-projections": "The operator calls it with the deployment's own token.",
};

/** Members reach these, but no JSON document describes them. The verb behind each checks its permission. */
const undocumented: Readonly<Record<string, PermissionName>> = { "GET /api/runs/{id}/socket": "run.read" };

const operation = z.object({
  "x-permission": z.array(z.enum(permissionNames as readonly [PermissionName])).optional(),
});
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

async function documented(): Promise<ReadonlyMap<string, readonly PermissionName[]>> {
  const { paths } = await new Client().ask(documentSchema, 200, "GET", "/api/openapi.json");
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { "x-permission": own = [] }]) => [`${method.toUpperCase()} ${path}`, own] as const,
      ),
    ),
  );
}

describe("every route", () => {
  test("names its permission in the API's document, or is public for a reason", async () => {
    const named = await documented();
    const without = createApp()
      .routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")}`)
      .filter((route) => (named.get(route) ?? []).length === 0 && undocumented[route] === undefined);
    expect([...new Set(without)].toSorted()).toEqual(Object.keys(publicRoutes).toSorted());
  });

  test("is called with each of its permissions below", async () => {
    const named = [...(await documented())].flatMap(([route, own]) => own.map((name) => `${route} ${name}`));
    const called = await casesWithPermission();
    expect(called.map(({ permission, route }) => `${route} ${permission}`).toSorted()).toEqual(named.toSorted());
  });
});

const rankOf = (permission: PermissionName): number => roles.indexOf(permissions[permission].role);

/** The cases, each with the permission that the table is asked about. */
async function casesWithPermission() {
  const named = await documented();
  return routeCases.map((each) => {
    const own = named.get(each.route) ?? [];
    const permission = each.permission ?? own[0];
    if (permission === undefined || !own.includes(permission)) throw new Error(`${each.route} has no such permission`);
    return { ...each, permission, own };
  });
}

describe.each(roles)("%s", (role) => {
  let world: World;
  let client: Client;
  beforeAll(async () => {
    world = await newWorld();
    client = (await newMember(world.me.activeTenantId, role)).client;
  });

  test("is refused exactly what the table does not give, and told the role that it takes", async () => {
    for (const { body, own, path, permission, route } of await casesWithPermission()) {
      const response = await client.send(route.split(" ")[0] ?? "", path(world), body?.(world, role));
      const text = await response.text();
      const takes = [permissions[permission].role];
      // A member who may steer no run learns nothing of the run: they are told the least role that the route takes.
      const least = roles[Math.min(...own.map(rankOf))];
      if (least !== undefined && !own.some((each) => roleMay(role, each))) takes.push(least);
      const refusals = takes.map((needed) => `This needs the role ${needed} or above; yours is ${role}.`);
      const answer = { route, permission, refused: refusals.some((each) => text.includes(each)) };
      expect(answer).toEqual({ route, permission, refused: !roleMay(role, permission) });
      if (!roleMay(role, permission)) expect(response.status).toBe(403);
      else expect(text).not.toContain("This needs the role");
    }
  });
});

test("a person without a membership is refused everything", async () => {
  const { client } = await newPerson();
  client.cookies.clear();
  expect((await client.problem("GET", "/api/projects")).code).toBe("unauthenticated");
});
