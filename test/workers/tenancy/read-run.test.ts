import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { runSchema } from "../../../contracts/run.ts";
import { insertRunRow } from "../run-row.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newPerson } from "../client.ts";
import { countedTrips } from "../d1.ts";
import { newWorld } from "../world.ts";

test("a lane of an old row that was green without a check is an open pull request, and never one whose CI passed", async () => {
  const world = await newWorld();
  const id = await insertRunRow(world, { mode: "implement", finished: true });
  const { repositories } = await world.client.ask(runSchema, 200, "GET", `/api/runs/${id}`);
  const written = (status: string) => JSON.stringify(repositories.map((lane) => ({ ...lane, status })));
  const statusOf = async (lanes: string): Promise<unknown> => {
    await env.DB.prepare("update run set lanes = ? where id = ?").bind(lanes, Number(id)).run();
    const run = await world.client.ask(runSchema, 200, "GET", `/api/runs/${id}`);
    return run.repositories[0]?.status;
  };
  expect(await statusOf(written("green"))).toBe("open");
  expect(await statusOf(written("ci_passed"))).toBe("ci_passed");
});

test("a run that has ended is read in one round trip to D1, which answers the session too", async () => {
  const world = await newWorld();
  const id = await insertRunRow(world, { mode: "implement", finished: true });
  const { d1, trips } = countedTrips(env.DB);
  const over = (cookies: ReadonlyMap<string, string>): Client => {
    const client = new Client(createTestApi(d1, testConfig));
    for (const [name, value] of cookies) client.cookies.set(name, value);
    return client;
  };
  const own = over(world.client.cookies);
  expect(await own.ask(runSchema, 200, "GET", `/api/runs/${id}`)).toMatchObject({ id, state: "DONE" });
  expect(trips()).toBe(1);
  const stranger = over((await newPerson()).client.cookies);
  expect((await stranger.problem("GET", `/api/runs/${id}`)).code).toBe("not_found");
  expect((await over(new Map()).problem("GET", `/api/runs/${id}`)).code).toBe("unauthenticated");
  await env.DB.prepare("update session set expires_at_ms = 1 where user_id = ?").bind(Number(world.me.user.id)).run();
  expect((await own.problem("GET", `/api/runs/${id}`)).code).toBe("unauthenticated");
});
