import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runSchema } from "../../../contracts/run.ts";
import type { Env } from "../../../worker/compose.ts";
import { auditOf } from "../client.ts";
import { objectDatabase, type D1Fault } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, until } from "./outside-control.ts";
import { as, closedQueue, ProductApi, runsOf, RunWorld, sweepNow } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);
afterEach(() => void objectDatabase.heal());

const faults: readonly D1Fault[] = ["fails", "loses its reply"];

async function rowCount(id: string): Promise<number> {
  return (await env.DB.prepare("select count(*) as n from run where id = ?").bind(Number(id)).first<number>("n")) ?? 0;
}

describe("a start whose object can't be reached", () => {
  test("leaves a number without a run, which harms nothing, and the client's retry starts the run under that number", async () => {
    const world = await RunWorld.make();
    const unreachable = {
      getByName: () => {
        throw new Error("the test's fault: no object can be reached");
      },
    };
    const RUNS = Object.assign(Object.create(env.RUNS), unreachable) as Env["RUNS"];
    const client = as(world.client, new ProductApi({ QUEUE: closedQueue, RUNS }));
    const request = world.request("note-start-unreachable", { idempotencyKey: "start-unreachable" });
    expect(await client.problem("POST", "/api/runs", request)).toMatchObject({ code: "unavailable" });
    expect(await runsOf(world, "start-unreachable")).toBe(0);
    const { id: number } = (await env.DB.prepare("select id from run_number where tenant_id = ?")
      .bind(Number(world.me.activeTenantId))
      .first<{ id: number }>()) ?? { id: 0 };
    expect((await world.client.problem("GET", `/api/runs/${number}`)).code).toBe("not_found");
    expect((await world.client.problem("GET", `/api/runs/${number}/events`)).code).toBe("not_found");
    expect((await world.client.send("GET", "/api/runs")).status).toBe(200);
    await sweepNow();
    const { id } = await world.client.ask(runSchema, 201, "POST", "/api/runs", request);
    expect(id).toBe(String(number));
    await world.approveToEnd(id);
    await checkRun(world, id);
  });
});

describe("a run whose first row D1 does not take", () => {
  test.each(faults)("%s: its events reach a socket first, its row comes by itself, and once", async (fault) => {
    const world = await RunWorld.make();
    objectDatabase.failAt(1, fault, { times: 3, match: /^insert into "run" /u });
    const { id } = await world.start(`note-first-row-${fault.length}`, { limits: { costMicros: 90_000_000 } });
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    expect(await until(() => watcher.seen[0]?.type)).toBe("run.created");
    // No reader asks for it meanwhile.
    const waits = (): true | undefined =>
      watcher.seen.some(({ type }) => type === "patch_set.proposed") ? true : undefined;
    expect(await until(waits)).toBe(true);
    expect(await until(async () => ((await rowCount(id)) === 1 ? true : undefined))).toBe(true);
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await world.decide(id);
    await world.reaches(id, ["DONE"]);
    const row = await env.DB.prepare("select limit_cost_micros, started_by, dispatched_at_ms from run where id = ?")
      .bind(Number(id))
      .first();
    expect(row).toEqual({
      limit_cost_micros: 90_000_000,
      started_by: Number(world.me.user.id),
      dispatched_at_ms: expect.any(Number),
    });
    const audited = async (): Promise<true | undefined> =>
      (await auditOf(world.me.activeTenantId)).some(({ action }) => action === "run.started") ? true : undefined;
    expect(await until(audited)).toBe(true);
    const started = (await auditOf(world.me.activeTenantId)).filter(({ action }) => action === "run.started");
    expect(started).toEqual([{ action: "run.started", subject: `run:${id}` }]);
    await checkRun(world, id, { watcher });
  });

  test("is held up: a socket has the first event while no row is there, and an object that dies then writes it", async () => {
    const world = await RunWorld.make();
    objectDatabase.failAt(1, "fails", { times: 10_000, match: /^insert into "run" /u });
    const { id } = await world.start("note-no-row");
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    expect(await until(() => watcher.seen[0]?.type)).toBe("run.created");
    expect((await world.events(id)).length).toBeGreaterThan(0);
    expect(await rowCount(id)).toBe(0);
    await abortAllDurableObjects();
    objectDatabase.heal();
    // Only the object's own alarm can write the row now.
    expect(await world.afterAlarm(id)).toBe(true);
    expect(await until(async () => ((await rowCount(id)) === 1 ? true : undefined), 8_000)).toBe(true);
    await watcher.connect();
    await world.approveToEnd(id);
    await checkRun(world, id, { watcher, lostCalls: 1 });
  });

  test("is in a list right after its start was answered", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-row-by-list");
    const { items } = await world.client.ask(z.object({ items: z.array(runSchema) }), 200, "GET", "/api/runs");
    expect(items.map((run) => run.id)).toEqual([id]);
    await world.approveToEnd(id);
    await checkRun(world, id);
  });
});
