import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { runSchema } from "../../../contracts/run.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import type { RunHost } from "../../../worker/ports/run-host.ts";
import { systemCaller } from "../../../worker/ports/run-host.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client } from "../client.ts";
import { memoryHost } from "../memory-host.ts";
import { newWorld } from "../world.ts";

test("a start tells the run's object for how long its work waits, and the object keeps that time", async () => {
  const world = await newWorld();
  const waits: (number | undefined)[] = [];
  const runs: RunHost = {
    ...memoryHost(createDatabase(env.DB)),
    command: async (id, caller, command) => {
      const object = env.RUNS.getByName(`run:${id}`);
      if (command.kind !== "start") return object.command(caller, command);
      waits.push(command.workAfterMs);
      return object.command(caller, { ...command, workAfterMs: 60_000 });
    },
  };
  // The tenant's clock stands still: its sixth start waits a second.
  const nowMs = Date.now();
  const client = new Client(createTestApi(env.DB, testConfig, { runs, now: () => nowMs }));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  const body = {
    projectId: world.project.id,
    repositoryId: world.repository.id,
    mode: "implement",
    model: "claude-test",
    prompt: "x",
  };
  const ids: string[] = [];
  for (let index = 0; index < 6; index += 1) ids.push((await client.ask(runSchema, 201, "POST", "/api/runs", body)).id);
  expect(waits).toEqual([0, 0, 0, 0, 0, 1_000]);
  for (const id of ids) {
    const object = env.RUNS.getByName(`run:${id}`);
    const dueMs = await runInDurableObject(object, (_object, { storage }) =>
      storage.sql.exec<{ due_ms: number }>("select due_ms from timers where name = 'drive'").one(),
    );
    expect(dueMs.due_ms).toBeGreaterThan(nowMs + 50_000);
    await object.command(systemCaller("test"), { kind: "cancel" });
  }
});
