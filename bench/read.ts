import { setTimeout as sleep } from "node:timers/promises";
import { freePort, startBenchWorker } from "./bench-worker.ts";
import { startSeededStack } from "./seeded-stack.ts";
import { howMany } from "./smoke.ts";
import { besideRow, printTable } from "./stats.ts";

/*
 * GET /api/runs/{id} of a run that waits for a person, which is read from its row and its object, and of one that has ended, which is read from
 * its row alone; beside a bare GET that reads one row of a Durable Object. One after the other, in turns.
 */
const samples = howMany(100, 3);
const warmUps = howMany(10, 1);
const withinMs = 120_000;
const bare = await startBenchWorker(await freePort());
const ours = await startSeededStack().catch((error: unknown) => {
  bare.close();
  throw error;
});
try {
  const { client, seeded, stack, target } = ours;
  const bug = seeded.tickets.find((ticket) => ticket.type === "bug");
  if (bug === undefined) throw new Error("the seed is incomplete");
  const startRun = async (): Promise<string> => {
    const prompt = `${bug.title}\n\n${bug.description}`;
    return (await client.startRun({ ...target, mode: "bugfix", prompt })).id;
  };
  const waiting = await startRun();
  await client.waitFor(waiting, ["WAITING_APPROVAL"], withinMs);
  const ended = await startRun();
  await client.cancel(ended);
  await client.waitFor(ended, ["CANCELLED"], withinMs);
  // The row of the run follows its end by a moment, and its sandbox is still being cleared away.
  await sleep(2_000);

  const cookie = client.http.jar.header(new URL(stack.url));
  const get = async (url: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const startedAt = performance.now();
    const response = await fetch(url, { headers });
    await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return performance.now() - startedAt;
  };
  const times = { waiting: [] as number[], ended: [] as number[], bare: [] as number[] };
  const measure = {
    waiting: () => get(`${stack.url}/api/runs/${waiting}`, { cookie }),
    ended: () => get(`${stack.url}/api/runs/${ended}`, { cookie }),
    bare: () => get(`${bare.url}/bare/warm/read`, {}),
  };
  for (let index = -warmUps; index < samples; index += 1)
    for (const what of ["waiting", "ended", "bare"] as const) {
      const tookMs = await measure[what]();
      if (index >= 0) times[what].push(tookMs);
    }
  printTable([
    besideRow("GET a run that waits (row and object), p50", times.waiting, times.bare, 0.5),
    besideRow("GET a run that waits (row and object), p95", times.waiting, times.bare, 0.95),
    besideRow("GET a run that has ended (row), p50", times.ended, times.bare, 0.5),
    besideRow("GET a run that has ended (row), p95", times.ended, times.bare, 0.95),
  ]);
} finally {
  await ours.close();
  bare.close();
}
