import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { runSchema, type Run } from "../../../contracts/run.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import type { RunHost } from "../../../worker/ports/run-host.ts";
import { createTestApi, testConfig } from "../app.ts";
import { auditOf, Client, newMember, newPerson } from "../client.ts";
import { countedTrips } from "../d1.ts";
import { memoryHost } from "../memory-host.ts";
import { endRunsOf } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

afterAll(() => endRunsOf(world.me.activeTenantId));

/** The world's person over another binding, with a host in memory; `told` has each start with the round trips to D1 before it. */
function over(
  d1: D1Database,
  options: {
    readonly trips?: () => number;
    readonly cookies?: ReadonlyMap<string, string>;
    readonly writes?: "at_once" | "when_asked";
    readonly host?: RunHost;
  } = {},
) {
  const { cookies = world.client.cookies, trips = () => 0, writes = "at_once" } = options;
  const told: { readonly runId: number; readonly trips: number }[] = [];
  const onStart = (runId: number): void => void told.push({ runId, trips: trips() });
  // The host's own writes are no trips of the Worker.
  const host = options.host ?? memoryHost(createDatabase(env.DB), { onStart, writes });
  const client = new Client(createTestApi(d1, testConfig, { runs: host }));
  for (const [name, value] of cookies) client.cookies.set(name, value);
  return { client, told, host };
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
const rowsOf = (id: string): Promise<number> => count("select count(*) as n from run where id = ?", Number(id));
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
  ])(
    "%s makes one round trip to D1 before the run's object is told, and none before its answer",
    async (_name, more) => {
      const { d1, trips } = countedTrips(env.DB);
      const { client, told } = over(d1, { trips });
      const run = await start(client, more());
      expect(told).toEqual([{ runId: Number(run.id), trips: 1 }]);
      expect(trips()).toBe(1);
      // The answer equals the row, except for the times, which are of the host's clock.
      const { updatedAtMs: _updatedAtMs, ...shown } = await world.client.ask(
        runSchema,
        200,
        "GET",
        `/api/runs/${run.id}`,
      );
      expect(run).toMatchObject(shown);
    },
  );

  test("takes the next number, and none when it is refused for the person, the project or the session", async () => {
    const { client } = over(env.DB);
    const viewer = await newMember(world.me.activeTenantId, "viewer");
    const before = await numbersTaken();
    const refused = over(env.DB, { cookies: viewer.client.cookies });
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

describe("a run whose row is not written yet", () => {
  const page = z.object({ items: z.array(runSchema), nextCursor: z.string().nullable() });

  test("is in a list right after its start was answered, by its project and by its text too", async () => {
    for (const query of ["", `?projectId=${world.project.id}`, "?q=Zaunkoenig", "?state=active"]) {
      const { client } = over(env.DB, { writes: "when_asked" });
      const run = await start(client, { prompt: "Zaunkoenig, please." });
      expect(await rowsOf(run.id)).toBe(0);
      const { items } = await client.ask(page, 200, "GET", `/api/runs${query}`);
      expect(items[0]?.id, query).toBe(run.id);
    }
  });

  test("is watched by its tenant after one round trip to D1, which records the socket", async () => {
    const host = memoryHost(createDatabase(env.DB), { writes: "when_asked" });
    const watched: RunHost = { ...host, socket: async (id) => Response.json({ id }) };
    const { d1, trips } = countedTrips(env.DB);
    const { client } = over(d1, { host: watched });
    const run = await start(client);
    const before = trips();
    const upgrade = { upgrade: "websocket", origin: testConfig.publicUrl };
    const path = `/api/runs/${run.id}/socket`;
    expect(await (await client.send("GET", path, undefined, upgrade)).json()).toEqual({ id: Number(run.id) });
    expect(trips() - before).toBe(1);
    const opened = "select count(*) as n from open_socket where object = 'run:' || ?";
    expect(await count(opened, run.id)).toBe(1);
    const stranger = over(env.DB, { host: watched, cookies: (await newPerson()).client.cookies });
    expect((await stranger.client.send("GET", path, undefined, upgrade)).status).toBe(404);
    expect(await count(opened, run.id)).toBe(1);
    expect(await rowsOf(run.id)).toBe(0);
  });

  test("is read by its number, and not by another tenant", async () => {
    const { client, host } = over(env.DB, { writes: "when_asked" });
    const run = await start(client);
    const stranger = await newPerson();
    const other = over(env.DB, { host, cookies: stranger.client.cookies });
    expect((await other.client.problem("GET", `/api/runs/${run.id}`)).code).toBe("not_found");
    expect(await rowsOf(run.id)).toBe(0);
    expect((await client.ask(runSchema, 200, "GET", `/api/runs/${run.id}`)).id).toBe(run.id);
  });

  test("is no reason for a list to fail while its host can't be reached, and a refused start's number is none", async () => {
    const { client, host } = over(env.DB, { writes: "when_asked" });
    const run = await start(client);
    await client.problem("POST", "/api/runs", asked({ model: "no-such-model" }));
    const away: RunHost = { ...host, command: () => Promise.reject(new Error("the test's fault: no host")) };
    const during = await over(env.DB, { host: away }).client.ask(page, 200, "GET", "/api/runs");
    expect(during.items.map(({ id }) => id)).not.toContain(run.id);
    const after = await client.ask(page, 200, "GET", "/api/runs");
    expect(after.items[0]?.id).toBe(run.id);
  });
});

describe("a client's key", () => {
  test("names the same run again, without telling its object or the audit log twice", async () => {
    const { client, told } = over(env.DB);
    const key = { idempotencyKey: crypto.randomUUID() };
    const first = await start(client, key);
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
    expect(run).toMatchObject({ id: String(taken), state: "QUEUED" });
    expect(told.map(({ runId }) => runId)).toEqual([taken]);
  });

  test("names the same run while its row is not written, and answers with it, not with the second request", async () => {
    const key = { idempotencyKey: crypto.randomUUID() };
    const { client, host, told } = over(env.DB, { writes: "when_asked" });
    const first = await start(client, { ...key, prompt: "The first." });
    expect(await rowsOf(first.id)).toBe(0);
    const again = await start(over(env.DB, { host }).client, { ...key, prompt: "The second.", model: "no-such-model" });
    expect(again).toMatchObject({ id: first.id, prompt: "The first.", model: first.model });
    expect(told).toHaveLength(1);
    expect(await rowsOf(first.id)).toBe(1);
  });

  test("names the same run when the host took the start and its reply was lost", async () => {
    const key = { idempotencyKey: crypto.randomUUID() };
    const { host } = over(env.DB, { writes: "when_asked" });
    const lost: RunHost = {
      ...host,
      command: async (...command) => {
        await host.command(...command);
        throw new Error("the test's fault: the reply is lost");
      },
    };
    const broken = await over(env.DB, { host: lost }).client.problem("POST", "/api/runs", asked(key));
    expect(broken).toMatchObject({ code: "unavailable" });
    const run = await start(over(env.DB, { host }).client, { ...key, prompt: "Later." });
    expect(run.prompt).toBe("Do it.");
  });

  test("used twice at the same time makes one row and one audit entry", async () => {
    const host = memoryHost(createDatabase(env.DB), { writes: "when_asked" });
    const { client } = over(env.DB, { host });
    const key = { idempotencyKey: crypto.randomUUID() };
    const runs = await Promise.all(Array.from({ length: 5 }, () => start(client, key)));
    const ids = new Set(runs.map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(host.started).toHaveLength(1);
    const id = runs[0]?.id ?? "";
    expect(await rowsOf(id)).toBe(1);
    expect(await count("select count(*) as n from audit where subject = ?", `run:${id}`)).toBe(1);
  });
});
