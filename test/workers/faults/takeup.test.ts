import { abortAllDurableObjects } from "cloudflare:test";
import { beforeEach, test } from "vitest";
import { checkRun } from "./invariants.ts";
import { clearFaults, heldRequest, planFault, resetOutside } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);

test("a run whose process died goes on as soon as anybody looks at it, not only when its deadman fires", async () => {
  const world = await RunWorld.make();
  await planFault({ match: "POST .*/exec", how: "hold_before" });
  const { id } = await world.start("note-take-up");
  const watcher = new Watcher(world.client, id);
  await watcher.connect();
  await heldRequest();
  await abortAllDurableObjects();
  await clearFaults();
  await watcher.connect();
  await world.reaches(id, ["WAITING_APPROVAL"], 10_000);
  await checkRun(world, id, { watcher, lostCalls: 1 });
});
