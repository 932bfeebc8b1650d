import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSchema, type Run } from "../../../contracts/run.ts";
import type { ServiceDeps } from "../../../worker/context.ts";
import { createDeps, createTestApi, testConfig } from "../app.ts";
import { auditOf, Client, newMember } from "../client.ts";
import { countedTrips, failingD1 } from "../d1.ts";
import { endRunsOf } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

afterAll(() => endRunsOf(world.me.activeTenantId));

/** The host of runs: notes which it was told to start, and how many round trips to D1 came before. */
function host(trips: () => number) {
  const told: { readonly runId: number; readonly trips: number }[] = [];
  const { runs } = createDeps(env.DB);
  const change: Partial<ServiceDeps> = {
    runs: {
      ...runs,
      command: async (runId, _caller, { kind }) => {
        if (kind === "start") told.push({ runId, trips: trips() });
        return { ok: true };
      },
    },
    enqueueRun: () => undefined,
  };
  return { told, change };
}

/** The world's person, over another binding and with a host of runs that only notes. */
function over(d1: D1Database, trips: () => number = () => 0, cookies = world.client.cookies) {
  const { change, told } = host(trips);
  const client = new Client(createTestApi(d1, testConfig, change));
  for (const [name, value] of cookies) client.cookies.set(name, value);
  return { client, told };
}

function asked(more: object = {}): object {
  return {
    projectId: world.project.id,
    repositoryId: world.repository.id,
    mode: "implement",
    model: "claude-test",
    prompt: "Do it.",
    ...more,
  };
}

const start = (client: Client, more?: object): Promise<Run> =>
  client.ask(runSchema, 201, "POST", "/api/runs", asked(more));

async function count(sql: string, ...values: readonly (string | number)[]): Promise<number> {
  return (
    (await env.DB.prepare(sql)
      .bind(...values)
      .first<number>("n")) ?? 0
  );
}
const numbersTaken = (): Promise<number> =>
  count("select count(*) as n from run_number where tenant_id = ?", Number(world.me.activeTenantId));

describe("a start", () => {
  test.each([
    ["of its own", () => ({})],
    [
      "on a ticket with an image and a key",
      () => ({ ticketId: world.ticket.id, images: [world.imageId], idempotencyKey: crypto.randomUUID() }),
    ],
    ["of a review, which asks the forge in between", () => ({ mode: "review", pullRequestNumber: 7 })],
  ])("%s makes one round trip to D1 before the run's object is told", async (_name, more) => {
    const { d1, trips } = countedTrips(env.DB);
    const { client, told } = over(d1, trips);
    const run = await start(client, more());
    expect(told).toEqual([{ runId: Number(run.id), trips: 1 }]);
    expect(trips()).toBe(2);
    expect(await world.client.ask(runSchema, 200, "GET", `/api/runs/${run.id}`)).toEqual(run);
  });

  test("takes the next number, and none when it is refused for the person, the project or the session", async () => {
    const { client } = over(env.DB);
    const viewer = await newMember(world.me.activeTenantId, "viewer");
    const before = await numbersTaken();
    const refused = over(env.DB, () => 0, viewer.client.cookies);
    expect((await refused.client.problem("POST", "/api/runs", asked())).code).toBe("forbidden");
    expect((await client.problem("POST", "/api/runs", asked({ repositoryId: "999999" }))).code).toBe(
      "unknown_repository",
    );
    await env.DB.prepare("update session set expires_at_ms = 1 where user_id = ?")
      .bind(Number(viewer.me.user.id))
      .run();
    expect((await refused.client.problem("POST", "/api/runs", asked())).code).toBe("unauthenticated");
    expect(await numbersTaken()).toBe(before);
    const first = await start(client);
    const second = await start(client);
    expect(Number(second.id)).toBe(Number(first.id) + 1);
  });

  test("without a cookie of ours is refused before its body is read", async () => {
    const { client, told } = over(env.DB);
    client.cookies.clear();
    expect((await client.problem("POST", "/api/runs", { nonsense: true })).code).toBe("unauthenticated");
    expect(told).toEqual([]);
  });

  test("that no model takes tells the host nothing and makes no row", async () => {
    const { client, told } = over(env.DB);
    expect((await client.problem("POST", "/api/runs", asked({ model: "no-such-model" }))).code).toBe("unknown_model");
    expect(told).toEqual([]);
  });
});

describe("a client's key", () => {
  test("names the same run again, without telling its object or the audit log twice", async () => {
    const { client, told } = over(env.DB);
    const key = { idempotencyKey: crypto.randomUUID() };
    const first = await start(client, key);
    await env.DB.prepare("update run set head_seq = 1 where id = ?").bind(Number(first.id)).run();
    const again = await start(client, { ...key, prompt: "Something else." });
    expect(again).toMatchObject({ id: first.id, prompt: first.prompt });
    expect(told).toHaveLength(1);
    const audited = (await auditOf(world.me.activeTenantId)).filter(({ subject }) => subject === `run:${first.id}`);
    expect(audited).toEqual([{ action: "run.started", subject: `run:${first.id}` }]);
  });

  test("names the same run when the first request died after its number was taken", async () => {
    const idempotencyKey = crypto.randomUUID();
    const taken = await count(
      "insert into run_number (tenant_id, idempotency_key, taken_at_ms) values (?, ?, 1) returning id as n",
      Number(world.me.activeTenantId),
      idempotencyKey,
    );
    const { client, told } = over(env.DB);
    const run = await start(client, { idempotencyKey });
    expect(run.id).toBe(String(taken));
    expect(told.map(({ runId }) => runId)).toEqual([taken]);
  });

  test("names the same run when the row could not be written the first time", async () => {
    const key = { idempotencyKey: crypto.randomUUID() };
    const broken = over(failingD1(env.DB, /^insert into "run" /));
    expect((await broken.client.problem("POST", "/api/runs", asked(key))).code).toBe("internal");
    const { client } = over(env.DB);
    const run = await start(client, key);
    expect(broken.told.map(({ runId }) => String(runId))).toEqual([run.id]);
  });

  test("used twice at the same time makes one row and one audit entry", async () => {
    const { client, told } = over(env.DB);
    const key = { idempotencyKey: crypto.randomUUID() };
    const runs = await Promise.all(Array.from({ length: 5 }, () => start(client, key)));
    const ids = new Set(runs.map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(new Set(told.map(({ runId }) => String(runId)))).toEqual(ids);
    const id = runs[0]?.id ?? "";
    expect(await count("select count(*) as n from audit where subject = ?", `run:${id}`)).toBe(1);
  });
});
