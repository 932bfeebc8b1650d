import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { freePort, startBenchWorker } from "./bench-worker.ts";
import { startSeededStack } from "./seeded-stack.ts";
import { howMany } from "./smoke.ts";
import { besideRow, printTable } from "./stats.ts";

/*
 * From sending POST /api/runs to the run's first event in a socket that is opened for it, beside a bare POST that inserts one
 * row in a Durable Object and a socket opened on that. In alternating pairs; the runs are cancelled at once, and nothing is measured
 * while one is still being cleared away.
 */
const samples = howMany(40, 2);
const warmUps = howMany(5, 1);
/** The time in which a cancelled run's sandbox and projection end, with a margin. */
const settleMs = 400;
const bare = await startBenchWorker(await freePort());
const ours = await startSeededStack().catch((error: unknown) => {
  bare.close();
  throw error;
});
try {
  const { client, stack } = ours;
  const target = { ...ours.target, mode: "implement" as const };
  const firstFrame = (url: string, headers: Record<string, string>): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace("http", "ws"), { headers, perMessageDeflate: false });
      socket.once("error", reject);
      socket.once("message", () => {
        socket.close();
        resolve();
      });
    });
  const times = { ours: [] as number[], posted: [] as number[], bare: [] as number[], bareBackToBack: [] as number[] };
  const measureOurs = async (): Promise<void> => {
    const startedAt = performance.now();
    const run = await client.startRun({ ...target, prompt: "bench: decline this, please" });
    times.posted.push(performance.now() - startedAt);
    const socket = `${stack.url}/api/runs/${run.id}/socket?since=0`;
    // As a browser: with the cookies that belong to this address, among them the one that the start's answer set.
    await firstFrame(socket, { cookie: client.http.jar.header(new URL(socket)), origin: stack.url });
    times.ours.push(performance.now() - startedAt);
    await client.cancel(run.id);
    await sleep(settleMs);
  };
  const measureBare = async (index: number): Promise<void> => {
    const startedAt = performance.now();
    await (await fetch(`${bare.url}/bare/run${index}/emit`, { method: "POST" })).text();
    times.bareBackToBack.push(performance.now() - startedAt);
    await firstFrame(`${bare.url}/bare/run${index}/socket?since=0`, {});
    times.bare.push(performance.now() - startedAt);
  };
  // The first ones load code: both sides are measured warm.
  for (let index = -warmUps; index < samples; index += 1) {
    if (index === 0) for (const seen of Object.values(times)) seen.length = 0;
    if (index % 2 === 0) await measureOurs();
    await measureBare(index);
    if (index % 2 !== 0) await measureOurs();
  }
  printTable([
    besideRow("POST a run, answered (first event stored), p50", times.posted, times.bareBackToBack, 0.5, ""),
    besideRow("POST a run to its first event in a socket, p50", times.ours, times.bare, 0.5, "<= 2x"),
    besideRow("POST a run to its first event in a socket, p95", times.ours, times.bare, 0.95, "<= 25 ms"),
  ]);
} finally {
  await ours.close();
  bare.close();
}
