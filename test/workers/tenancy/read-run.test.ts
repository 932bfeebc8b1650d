import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { runSchema } from "../../../contracts/run.ts";
import { insertRunRow } from "../run-row.ts";
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
