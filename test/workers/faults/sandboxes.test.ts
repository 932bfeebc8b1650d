import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { resetOutside } from "./outside-control.ts";
import { RunWorld, sweepNow } from "./run-world.ts";

beforeEach(resetOutside);

const host = createHostSandbox({ url: env.SANDBOX_HOST_URL, token: env.SANDBOX_HOST_TOKEN });
const limits = { env: {}, memoryBytes: 2e9, diskBytes: 4e9, maxProcesses: 512 };

const openIds = async (): Promise<readonly string[]> => (await host.listOpen()).map(({ id }) => id);

test("the sweep destroys sandboxes whose run has ended or was never started, and no other", async () => {
  const world = await RunWorld.shared();
  const { id: run } = await world.start("note-sandbox-sweep");
  await world.reaches(run, ["WAITING_APPROVAL"]);
  const lost = [`run-${run}`, `run-${run}-tests`, "run-999999991"];
  for (const id of [...lost, "ci-1"]) await host.open({ id, ...limits });
  await sweepNow();
  const left = await openIds();
  for (const id of lost) expect(left).not.toContain(id);
  expect(left).toContain("ci-1");
});
