import { createExecutionContext, createMessageBatch, getQueueResult, type QueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { parseStored } from "../../../domain/parse-stored.ts";
import type { Env } from "../../../worker/compose.ts";
import worker from "../../../worker/index.ts";
import type { QueueMessage } from "../../../worker/queues/messages.ts";
import { deadLetters } from "../main.ts";
import { FaultyDatabase } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, until } from "./outside-control.ts";
import { takeRunNumber } from "../run-row.ts";
import { RunWorld, sweepNow } from "./run-world.ts";

beforeEach(resetOutside);

const poison: QueueMessage = parseStored('{"kind":"nonsense"}');

/** Rows of runs whose objects were never started: a start that wrote the row first and died left them. */
async function undispatched(count: number): Promise<{ readonly world: RunWorld; readonly runs: readonly string[] }> {
  const world = await RunWorld.make();
  const runs: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = await takeRunNumber(world.me.activeTenantId);
    const nowMs = Date.now();
    await env.DB.prepare(
      `insert into run (id, tenant_id, project_id, repository_id, base_branch, title, mode, state, prompt, provider, model, started_by, options, created_at_ms, updated_at_ms)
       values (?, ?, ?, ?, 'main', ?, 'implement', 'QUEUED', ?, 'anthropic', 'claude-opus-5-5', ?, '{"constraints":null,"images":[]}', ?, ?)`,
    )
      .bind(
        ...[id, Number(world.me.activeTenantId), Number(world.projectId), Number(world.repositoryId)],
        ...[`note-queue-${index}`, `note-queue-${index}`, Number(world.me.user.id), nowMs, nowMs],
      )
      .run();
    runs.push(String(id));
    expect(await world.run(String(id))).toMatchObject({ state: "QUEUED", headSeq: 0 });
  }
  return { world, runs };
}

const messageOf = (world: RunWorld, runId: string): QueueMessage => ({
  kind: "run",
  tenantId: Number(world.me.activeTenantId),
  runId: Number(runId),
});

async function deliver(bodies: readonly QueueMessage[], change: Partial<Env> = {}): Promise<QueueResult> {
  const messages = bodies.map((body, index) => ({ id: `m${index}`, timestamp: Date.now(), attempts: 1, body }));
  const batch = createMessageBatch("lime", messages);
  const context = createExecutionContext();
  await worker.queue(batch, { ...env, ...change }, context);
  return getQueueResult(batch, context);
}

test("messages delivered three times, in any order and at once, start each run once", async () => {
  const { runs, world } = await undispatched(2);
  const [a = "", b = ""] = runs;
  const messages = [b, a, b, a, a, b].map((id) => messageOf(world, id));
  const results = await Promise.all([deliver(messages), deliver(messages.toReversed()), deliver(messages)]);
  for (const result of results) expect(result.explicitAcks).toHaveLength(messages.length);
  for (const id of runs) {
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const { events } = await checkRun(world, id);
    expect(events.filter(({ type }) => type === "run.created")).toHaveLength(1);
  }
});

test("a poisoned message does not hold up its batch, and ends in the dead-letter queue", async () => {
  const { runs, world } = await undispatched(2);
  const [a = "", b = ""] = runs;
  const result = await deliver([messageOf(world, a), poison, messageOf(world, b)]);
  expect(result.explicitAcks.toSorted()).toEqual(["m0", "m2"]);
  expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["m1"]);

  const before = deadLetters.length;
  await env.QUEUE.sendBatch([{ body: poison }, { body: messageOf(world, a) }]);
  expect(await until(() => deadLetters[before])).toEqual(poison);
  for (const id of runs) {
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await checkRun(world, id);
  }
});

test("when half of a batch fails, the other half is done and only the failed half comes again", async () => {
  const { runs, world } = await undispatched(4);
  const database = new FaultyDatabase();
  database.failAt(1, "fails", { times: 2, match: /from "run"/u });
  const messages = runs.map((id) => messageOf(world, id));
  const result = await deliver(messages, { DB: database.over(env.DB) });
  expect(result.explicitAcks).toEqual(["m2", "m3"]);
  expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["m0", "m1"]);
  database.heal();
  expect((await deliver(messages.slice(0, 2))).explicitAcks).toEqual(["m0", "m1"]);
  for (const id of runs) {
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await checkRun(world, id);
  }
});

test("the sweep starts a run that neither the direct call nor the queue started", async () => {
  const { runs, world } = await undispatched(1);
  const [id = ""] = runs;
  await env.DB.prepare("update run set updated_at_ms = updated_at_ms - 60000 where id = ?").bind(Number(id)).run();
  await sweepNow();
  await world.reaches(id, ["WAITING_APPROVAL"]);
  await checkRun(world, id);
});

test("five dispatches at the same instant make one run", async () => {
  const { runs, world } = await undispatched(1);
  const [id = ""] = runs;
  await Promise.all(Array.from({ length: 5 }, () => deliver([messageOf(world, id)])));
  await world.approveToEnd(id);
  const { events } = await checkRun(world, id);
  expect(events.filter(({ type }) => type === "stage.started")).toHaveLength(3);
});
