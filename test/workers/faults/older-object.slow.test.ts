import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as z from "zod";
import { beforeEach, describe, expect, test } from "vitest";
import { modelCallSchema } from "../../../contracts/run.ts";
import { eventVersion, runEventPayloads } from "../../../contracts/run-events.ts";
import { checkRun } from "./invariants.ts";
import { clearFaults, heldRequest, planFault, resetOutside, setCi, until } from "./outside-control.ts";
import { runObject, RunWorld } from "./run-world.ts";
import { storeAsVersion1, storedVersions } from "./version-1.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);

/** Tables that objects of the first schema did not have, and fields that their events lack: see domain/run/upgrade.ts. */
const laterTables = ["body_packs", "body_parts", "call_parts"] as const;
const laterFields = [
  ["run.created", "$.reviewOf"],
  ["run.created", "$.images"],
  ["stage.finished", "$.report"],
  ["tool.finished", "$.invalidReport"],
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
    sql.exec("insert or replace into facts (name, value) values ('spending_open', 'yes')");
    sql.exec(`update model_calls set request = '{"messages":[]}', answer = '[]'`);
    for (const [type, field] of laterFields)
      sql.exec("update events set data = json_remove(data, ?) where type = ?", field, type);
  });
  await storeAsVersion1(id);
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
  // A request wakes the object, which does the effects that were due before it had an outbox.
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

describe("an object whose every event is of version 1", () => {
  /** Checks that clients get its log in today's versions, over HTTP and over a socket that begins at its first event. */
  async function isSeenInTodaysVersion(world: RunWorld, id: string): Promise<Watcher> {
    expect(await storedVersions(id)).toContain(1);
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    const events = await world.events(id);
    expect(await until(() => (watcher.seen.length >= events.length ? true : undefined))).toBe(true);
    for (const log of [events, watcher.seen])
      for (const event of log) {
        expect(event.v, event.type).toBe(eventVersion(event.type));
        expect(runEventPayloads[event.type].parse(event.data), event.type).toEqual(event.data);
      }
    const [created] = events;
    expect(created).toMatchObject({
      v: 2,
      data: { repositories: [{ id: world.repositoryId, folder: "" }], startedBy: { kind: "person" } },
    });
    return watcher;
  }

  test("goes on in the middle of coding, with its work, to the patch set that it would have made before", async () => {
    const world = await RunWorld.make();
    const untouched = await world.start("note-version-1-coding");
    await world.reaches(untouched.id, ["WAITING_APPROVAL"]);
    const { baseCommit, patches } = await world.patchSet(untouched.id);
    // The file is written and the shell has not run: the saved work must be kept.
    await planFault({ match: "POST .*/exec", how: "hold_before" });
    const { id } = await world.start("note-version-1-coding");
    await heldRequest();
    // A run of that time had its row before its object began.
    await world.reaches(id, ["CODING"]);
    await storeAsVersion1(id);
    expect(await storedVersions(id)).toEqual([1]);
    await clearFaults();
    const watcher = await isSeenInTodaysVersion(world, id);
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const proposed = await world.patchSet(id);
    expect(proposed).toMatchObject({ baseCommit, patches });
    expect((await world.approveToEnd(id)).state).toBe("DONE");
    expect((await world.patchSet(id)).hash).toBe(proposed.hash);
    await world.decide(untouched.id, "reject");
    await world.reaches(untouched.id, ["FAILED"]).catch(() => undefined);
    await checkRun(world, id, { watcher, lostCalls: 1 });
  });

  test("goes on from WAITING_APPROVAL: the person approves the patch set that they saw", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-version-1-waiting");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const before = await world.patchSet(id);
    await storeAsVersion1(id);
    expect(await storedVersions(id)).toEqual([1]);
    const watcher = await isSeenInTodaysVersion(world, id);
    expect(await world.patchSet(id)).toEqual(before);
    await world.decide(id);
    expect((await world.reaches(id, ["DONE", "NEEDS_HUMAN"])).state).toBe("DONE");
    expect((await world.patchSet(id)).hash).toBe(before.hash);
    await checkRun(world, id, { watcher });
  });

  test("goes on from VERIFYING_CI to DONE, without writing anything twice", async () => {
    const world = await RunWorld.make();
    await setCi("in_progress", null);
    const { id } = await world.start("note-version-1-ci");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const { hash } = await world.patchSet(id);
    await world.decide(id);
    await world.reaches(id, ["VERIFYING_CI"]);
    const hasCheck = async () => (await world.events(id)).some(({ type }) => type === "ci.updated") || undefined;
    expect(await until(hasCheck)).toBe(true);
    await storeAsVersion1(id);
    const watcher = await isSeenInTodaysVersion(world, id);
    expect((await world.run(id)).pullRequest?.state).toBe("open");
    await setCi("completed", "success");
    await world.client.send("POST", `/api/runs/${id}/pause`, {});
    await world.client.send("POST", `/api/runs/${id}/resume`, {});
    expect((await world.reaches(id, ["DONE", "NEEDS_HUMAN"])).state).toBe("DONE");
    expect((await world.patchSet(id)).hash).toBe(hash);
    // The invariants count commits, branches and pull requests: one of each.
    await checkRun(world, id, { watcher });
  });
});
