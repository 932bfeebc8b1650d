import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as z from "zod";
import { beforeEach, expect, test } from "vitest";
import { modelCallSchema } from "../../../contracts/run.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, until } from "./outside-control.ts";
import { runObject, RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);

/** Tables that objects from before did not have, and fields that their events lack: see `addedFields` in domain/run/upgrade.ts. */
const laterTables = ["body_packs", "body_parts", "call_parts", "outbox", "timers"] as const;
const laterFields = [
  ["run.created", "$.reviewOf"],
  ["run.created", "$.images"],
  ["stage.finished", "$.report"],
  ["tool.finished", "$.misfit"],
  ["tests.reported", "$.cases"],
  ["patch_set.proposed", "$.tasks"],
  ["patch_set.proposed", "$.parentCommit"],
] as const;

/** Puts a run's storage back to how an object of the first schema left it. */
async function makeOlder(id: string): Promise<void> {
  await runInDurableObject(runObject(id), (_object, state) => {
    const { sql } = state.storage;
    for (const table of laterTables) sql.exec(`drop table ${table}`);
    // As if its row were a step behind and its spending not settled, which the outbox takes over.
    sql.exec("delete from facts where name = 'outbox'");
    sql.exec("insert or replace into facts (name, value) values ('projected_seq', '2'), ('spending_open', 'yes')");
    sql.exec(`update model_calls set request = '{"messages":[]}', answer = '[]'`);
    for (const [type, field] of laterFields)
      sql.exec("update events set data = json_remove(data, ?) where type = ?", field, type);
  });
  await abortAllDurableObjects();
}

test("an object of the first schema opens under today's code, is read, and goes on to its end", async () => {
  const world = await RunWorld.make();
  const { id } = await world.start("note-older");
  await world.reaches(id, ["WAITING_APPROVAL"]);
  await makeOlder(id);
  await env.DB.prepare("update run set state = 'CODING', head_seq = 2 where id = ?").bind(Number(id)).run();

  const watcher = new Watcher(world.client, id);
  await watcher.connect();
  const calls = z.object({ items: z.array(modelCallSchema) });
  const { items } = await world.client.ask(calls, 200, "GET", `/api/runs/${id}/model-calls`);
  expect(items.length).toBeGreaterThan(2);
  // Looking at it is enough: what it owed before there was an outbox is done.
  await world.reaches(id, ["WAITING_APPROVAL"]);
  const isSettled = async (): Promise<true | undefined> =>
    runInDurableObject(runObject(id), (_object, { storage }) =>
      storage.sql.exec("select 1 from facts where name = 'spending_open'").toArray().length === 0 ? true : undefined,
    );
  expect(await until(isSettled)).toBe(true);
  await world.decide(id);
  expect((await world.reaches(id, ["DONE", "NEEDS_HUMAN"])).state).toBe("DONE");
  await checkRun(world, id, { watcher });
});

test("an older object in the midst of its work goes on too", async () => {
  const world = await RunWorld.make();
  const { id } = await world.start("note-older-midway");
  await world.client.send("POST", `/api/runs/${id}/pause`, {});
  await makeOlder(id);
  expect((await world.client.send("POST", `/api/runs/${id}/resume`, {})).status).toBe(200);
  await world.approveToEnd(id);
  await checkRun(world, id, { lostCalls: 1 });
});
