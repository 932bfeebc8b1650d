import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import * as z from "zod";
import { runSchema } from "../../../contracts/run.ts";
import type { ServiceDeps } from "../../../worker/context.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { MemoryStartGate, startsAtOnce } from "../../../worker/services/tenancy/start-gate.ts";
import { createTestApi, testConfig } from "../app.ts";
import { addMember, Client, newMember, readProblem } from "../client.ts";
import { countedTrips } from "../d1.ts";
import { memoryHost } from "../memory-host.ts";
import { newWorld, type World } from "../world.ts";

const flood = 3 * startsAtOnce;
const runPage = z.object({ items: z.array(runSchema) });

/** One isolate of the product that counts its round trips to D1; `client` gives a person of it. */
function isolate(change: Partial<ServiceDeps> = {}) {
  const { d1, trips } = countedTrips(env.DB);
  const runs = memoryHost(createDatabase(env.DB));
  const api = createTestApi(d1, testConfig, { runs, startGate: new MemoryStartGate(), ...change });
  const client = ({ cookies }: Client): Client => {
    const own = new Client(api);
    for (const [name, value] of cookies) own.cookies.set(name, value);
    return own;
  };
  return { client, trips };
}

const start = ({ project, repository }: World, client: Client, key: string = crypto.randomUUID()): Promise<Response> =>
  client.send("POST", "/api/runs", {
    projectId: project.id,
    repositoryId: repository.id,
    mode: "implement",
    model: "claude-test",
    prompt: "x",
    idempotencyKey: key,
  });

async function numbersOf(world: World): Promise<number> {
  const count = env.DB.prepare("select count(*) as n from run_number where tenant_id = ?");
  return (await count.bind(Number(world.me.activeTenantId)).first<number>("n")) ?? 0;
}

/** A limiter that answers when it is told to, so that starts stay under way until then. */
function heldLimiter() {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  return { withinQuota: () => promise, release: async () => resolve(true) };
}

/** Sends a flood whose first starts stay under way, and answers how many were refused meanwhile, and all answers. */
async function sendFlood(world: World, clients: readonly Client[], release: () => Promise<void>) {
  let refused = 0;
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  const keys = Array.from({ length: flood }, () => crypto.randomUUID());
  const answers = keys.map(async (key, index) => {
    const response = await start(world, clients[index % clients.length] ?? new Client(), key);
    refused += response.status === 429 ? 1 : 0;
    if (refused === flood - startsAtOnce) resolve();
    return { key, response };
  });
  await settled;
  await release();
  return Promise.all(answers);
}

test("of a tenant's flood of starts a few go on; the others are refused before the database is asked, and start later", async () => {
  const world = await newWorld();
  const before = await numbersOf(world);
  const { release, withinQuota } = heldLimiter();
  const { client, trips } = isolate({ withinQuota });
  const person = client(world.client);
  const answers = await sendFlood(world, [person], release);
  const refused = answers.filter(({ response }) => response.status === 429);
  expect(answers.filter(({ response }) => response.status === 201)).toHaveLength(startsAtOnce);
  expect(refused).toHaveLength(flood - startsAtOnce);
  expect(trips()).toBe(startsAtOnce);
  expect((await numbersOf(world)) - before).toBe(startsAtOnce);
  const delays = refused.map(({ response }) => Number(response.headers.get("retry-after")));
  for (const [index, { response }] of refused.entries())
    expect(await readProblem(response)).toMatchObject({
      code: "rate_limited",
      detail: expect.stringContaining(`This request started none. Start it again in ${delays[index]} seconds.`),
    });
  // Those that were refused are asked to come again a few a second.
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...delays)).toBeGreaterThanOrEqual(delays.length / startsAtOnce + 1);
  expect(Math.max(...delays)).toBeLessThanOrEqual(60);
  const [first] = refused;
  const again = await start(world, person, first?.key);
  expect(again.status).toBe(201);
  expect((await numbersOf(world)) - before).toBe(startsAtOnce + 1);
});

test("a flood over several sessions of one tenant counts as one, and another tenant starts and reads meanwhile", async () => {
  const [world, neighbour] = [await newWorld(), await newWorld()];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let isHeld = false;
  const withinQuota = async (_quota: string, tenantId: number): Promise<boolean> =>
    isHeld && tenantId === Number(world.me.activeTenantId) ? promise : true;
  const { client } = isolate({ withinQuota });
  const member = await newMember(world.me.activeTenantId, "dev");
  const sessions = [client(world.client), client(member.client)];
  // The first start of a session shows its tenant.
  for (const session of sessions) expect((await start(world, session)).status).toBe(201);
  isHeld = true;
  let beside: readonly number[] = [];
  const answers = await sendFlood(world, sessions, async () => {
    const other = client(neighbour.client);
    beside = [(await start(neighbour, other)).status, (await other.send("GET", "/api/runs")).status];
    resolve(true);
  });
  expect(answers.filter(({ response }) => response.status === 201)).toHaveLength(startsAtOnce);
  expect(beside).toEqual([201, 200]);
});

test("a tenant over its quota is refused without the database for a few seconds, then the limiter is asked again", async () => {
  const world = await newWorld();
  const clock = { nowMs: Date.now(), isFull: true };
  const { client, trips } = isolate({ now: () => clock.nowMs, withinQuota: async () => !clock.isFull });
  const person = client(world.client);
  const key = crypto.randomUUID();
  expect((await start(world, person, key)).status).toBe(429);
  expect(trips()).toBe(1);
  const again = await start(world, person, key);
  expect([again.status, again.headers.get("retry-after"), trips()]).toEqual([429, "60", 1]);
  clock.isFull = false;
  clock.nowMs += 60_000;
  const run = runSchema.parse(await (await start(world, person, key)).json());
  expect(runSchema.parse(await (await start(world, person, key)).json()).id).toBe(run.id);
});

test("starts that fail or that the person may not make leave their places", async () => {
  const world = await newWorld();
  const { client } = isolate();
  const viewer = client((await newMember(world.me.activeTenantId, "viewer")).client);
  for (let sent = 0; sent <= startsAtOnce; sent += 1) expect((await start(world, viewer)).status).toBe(403);
  const person = client(world.client);
  for (let sent = 0; sent <= startsAtOnce; sent += 1)
    expect((await person.send("POST", "/api/runs", { prompt: "x" })).status).toBe(400);
  expect((await start(world, person)).status).toBe(201);
});

test("a start that was refused for the quota and starts a minute later is in the list once it is answered", async () => {
  const world = await newWorld();
  const clock = { nowMs: Date.now(), isFull: true };
  const { client } = isolate({
    now: () => clock.nowMs,
    withinQuota: async (quota) => quota !== "starts" || !clock.isFull,
    runs: memoryHost(createDatabase(env.DB), { writes: "when_asked" }),
  });
  const person = client(world.client);
  const key = crypto.randomUUID();
  expect((await start(world, person, key)).status).toBe(429);
  clock.isFull = false;
  clock.nowMs += 61_000;
  const run = runSchema.parse(await (await start(world, person, key)).json());
  const { items } = await person.ask(runPage, 200, "GET", "/api/runs");
  expect(items.map(({ id }) => id)).toContain(run.id);
});

test("a session's next start is counted while the database reads its session, and for the tenant that the session has switched to", async () => {
  const [world, other] = [await newWorld(), await newWorld()];
  const counted: { readonly tenantId: number; readonly tripsBefore: number }[] = [];
  let full: number | undefined;
  const { client, trips } = isolate({
    withinQuota: async (quota, tenantId) => {
      if (quota === "starts") counted.push({ tenantId, tripsBefore: trips() });
      return tenantId !== full;
    },
  });
  const [home, away] = [Number(world.me.activeTenantId), Number(other.me.activeTenantId)];
  const person = client(world.client);
  for (const run of [1, 2]) expect([run, (await start(world, person)).status]).toEqual([run, 201]);
  expect(counted).toEqual([
    { tenantId: home, tripsBefore: 1 },
    { tenantId: home, tripsBefore: 1 },
  ]);
  await addMember(other.me.activeTenantId, world.me, "dev");
  expect((await person.send("POST", "/api/me/active-tenant", { tenantId: String(away) })).status).toBe(200);
  full = home;
  expect((await start(other, person)).status).toBe(201);
  full = away;
  expect((await start(other, person)).status).toBe(429);
});
