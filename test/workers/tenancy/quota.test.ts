import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newMember, readProblem } from "../client.ts";
import { newWorld, type World } from "../world.ts";

/** The world's person, in a deployment whose tenants have used up a quota; `asked` are the quotas that were counted. */
function over(world: World, full: string): { readonly client: Client; readonly asked: string[] } {
  const asked: string[] = [];
  const withinQuota = async (quota: string, tenantId: number): Promise<boolean> => {
    asked.push(`${quota} ${tenantId}`);
    return quota !== full;
  };
  const client = new Client(createTestApi(env.DB, testConfig, { withinQuota }));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  return { client, asked };
}

const startOf = ({ project, repository }: World): Readonly<Record<string, string>> => ({
  projectId: project.id,
  repositoryId: repository.id,
  mode: "implement",
  model: "claude-test",
  prompt: "x",
});

test("a tenant over its quota of starts gets 429 and when to go on; everything else works", async () => {
  const world = await newWorld();
  const { asked, client } = over(world, "starts");
  const response = await client.send("POST", "/api/runs", startOf(world));
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
  expect(await readProblem(response)).toMatchObject({ code: "rate_limited" });
  expect(asked).toContain(`starts ${world.me.activeTenantId}`);
  expect((await client.send("GET", "/api/projects")).status).toBe(200);
});

test.each([
  ["GET", "/api/projects"],
  ["GET", "/api/runs/1/socket?since=0"],
  ["GET", "/api/projects/1/board/socket?since=0"],
  ["GET", "/api/feed/socket"],
  ["POST", "/api/runs"],
])("a tenant over its quota of requests gets 429 at %s %s", async (method, path) => {
  const world = await newWorld();
  const { asked, client } = over(world, "requests");
  const body = method === "GET" ? undefined : startOf(world);
  const response = await client.send(method, path, body, {
    ...(path.includes("socket") ? { upgrade: "websocket", origin: testConfig.publicUrl } : {}),
  });
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
  // A start counts as a request and as a start at once.
  const counted = method === "POST" ? ["requests", "starts"] : ["requests"];
  expect(asked).toEqual(counted.map((quota) => `${quota} ${world.me.activeTenantId}`));
});

test("a start that is refused for its person's role takes none of the tenant's starts", async () => {
  const world = await newWorld();
  const { asked, client } = over(world, "none");
  const viewer = await newMember(world.me.activeTenantId, "viewer");
  client.cookies.clear();
  for (const [name, value] of viewer.client.cookies) client.cookies.set(name, value);
  expect((await client.send("POST", "/api/runs", startOf(world))).status).toBe(403);
  expect(asked).toEqual([`requests ${world.me.activeTenantId}`]);
});

test("a person who is not signed in takes nothing of a tenant's quota", async () => {
  const world = await newWorld();
  const { asked, client } = over(world, "requests");
  client.cookies.clear();
  expect((await client.send("GET", "/api/projects")).status).toBe(401);
  expect(asked).toEqual([]);
});
