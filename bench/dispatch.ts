import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import WebSocket from "ws";
import { ApiClient } from "../local/stack/client.ts";
import { readSettings } from "../local/stack/settings.ts";
import { startStack } from "../local/stack/stack.ts";
import { silentLog } from "../local/stack/status.ts";
import { startBenchWorker } from "./bench-worker.ts";
import { howMany } from "./smoke.ts";
import { ms, printTable, quantile } from "./stats.ts";

/** A port that was free a moment ago, so that benches side by side never measure each other's Worker. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/*
 * From sending POST /api/runs to the run's first event in a socket that is opened for it, beside a bare POST that inserts one
 * row in a Durable Object and a socket opened on that. In alternating pairs; the runs are cancelled at once, and nothing is measured
 * while one is still being cleared away.
 */
const samples = howMany(40, 2);
const warmUps = howMany(5, 1);
/** The time in which a cancelled run's sandbox and projection end, with a margin. */
const settleMs = 400;
const dataDir = mkdtempSync(path.join(tmpdir(), "lime-bench-"));
const bare = await startBenchWorker(await freePort());
const stack = await startStack({
  settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
  log: silentLog,
  modelDelayMs: 0,
}).catch((error: unknown) => {
  bare.close();
  throw error;
});
try {
  const client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
  const model = (await client.models()).find((candidate) => candidate.available)?.id;
  if (stack.seeded === undefined || model === undefined) throw new Error("the seed is incomplete");
  const target = {
    projectId: stack.seeded.project.id,
    repositoryId: stack.seeded.repository.id,
    model,
    mode: "implement" as const,
  };
  const cookie = client.http.jar.header(new URL(stack.url));

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
    await firstFrame(`${stack.url}/api/runs/${run.id}/socket?since=0`, { cookie, origin: stack.url });
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
  const row = (
    what: string,
    ours: readonly number[],
    beside: readonly number[],
    share: number,
    bar: string,
  ): Parameters<typeof printTable>[0][number] => ({
    what,
    ours: ms(quantile(ours, share)),
    bare: ms(quantile(beside, share)),
    ratio: `${(quantile(ours, share) / quantile(beside, share)).toFixed(2)}x`,
    bar,
  });
  printTable([
    row("POST a run, answered (first event stored), p50", times.posted, times.bareBackToBack, 0.5, ""),
    row("POST a run to its first event in a socket, p50", times.ours, times.bare, 0.5, "<= 2x"),
    row("POST a run to its first event in a socket, p95", times.ours, times.bare, 0.95, "<= 25 ms"),
  ]);
} finally {
  await stack.close();
  bare.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
