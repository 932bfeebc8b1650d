import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { roles } from "../../../contracts/common.ts";
import { permissionNames, permissions, roleMay, type PermissionName } from "../../../domain/tenancy/permissions.ts";
import { createApp } from "../../../worker/app.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newMember } from "../client.ts";
import { quietHost } from "../quiet-host.ts";
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
const undocumented: Readonly<Record<string, PermissionName>> = {
  "GET /api/runs/{id}/socket": "run.read",
  "GET /api/projects/{id}/board/socket": "ticket.read",
  "GET /api/feed/socket": "run.read",
};

const steering: readonly PermissionName[] = ["run.steer", "run.steer_review"];

const operation = z.object({
  "x-permission": z.array(z.enum(permissionNames as readonly [PermissionName])).optional(),
});
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

async function documented(): Promise<ReadonlyMap<string, readonly PermissionName[]>> {
  const { paths } = await new Client().ask(documentSchema, 200, "GET", "/api/openapi.json");
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { "x-permission": own }]) => {
        const route = `${method.toUpperCase()} ${path}`;
        return [route, own ?? []] as const;
      }),
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

/** The cases, each with the permission that the table is asked about. */
async function casesWithPermission() {
  const named = await documented();
  return routeCases.map((each) => {
    const own = named.get(each.route) ?? [];
    const permission = each.permission ?? own[0];
    if (permission === undefined || !own.includes(permission)) throw new Error(`${each.route} has no such permission`);
    return { ...each, permission };
  });
}

describe.each(roles)("%s", (role) => {
  let world: World;
  let client: Client;
  beforeAll(async () => {
    world = await newWorld();
    client = (await newMember(world.me.activeTenantId, role)).client;
    client.api = createTestApi(env.DB, testConfig, { runs: quietHost() });
  });

  test("is refused exactly the permissions that the table does not give, and the error names a role that suffices", async () => {
    for (const { body, path, permission, route } of await casesWithPermission()) {
      const response = await client.send(route.split(" ")[0] ?? "", path(world), body?.(world, role));
      const [, named] = /This needs the role (\w+) or above; yours is (?:\w+)\./.exec(await response.text()) ?? [];
      const answer = { route, permission, refused: named !== undefined };
      expect(answer).toEqual({ route, permission, refused: !roleMay(role, permission) });
      expect(response.status).toBeLessThan(500);
      if (named === undefined) continue;
      expect(response.status).toBe(403);
      // A role that may steer no run at all is refused before the run and its mode are loaded.
      const takes = steering.includes(permission) ? steering : [permission];
      expect(takes.map((name): string => permissions[name].role)).toContain(named);
    }
  });
});
