import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import * as z from "zod";
import { startBenchWorker } from "./bench-worker.ts";
import { measureInBrowser } from "./long-run-browser.ts";
import { residentBytes } from "./memory.ts";
import { startProductStack } from "./product-stack.ts";
import { howMany } from "./smoke.ts";
import { median, ms, printTable, type Row } from "./stats.ts";

/*
 * A run of 50,000 events and 50 MB, filled through the product's own journal: what replays it, resumes it, reads it, wakes it,
 * adds to it and shows it in a browser, beside the same on a small run or a bare object. `LONG_RUN_TURNS` makes it shorter.
 */
const turns = Number(process.env["LONG_RUN_TURNS"] ?? howMany(6240, 26));
const pairs = howMany(5, 1);
const mb = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

const product = await startProductStack();
const bare = await startBenchWorker(9393);
try {
  const { client, control } = product;
  const fill = async (count: number): Promise<string> => {
    const { id } = await product.startRun("implement", "bench-fill: a log of the benchmark's own");
    const step = 260;
    for (let from = 0; from < count; from += step) {
      const to = Math.min(count, from + step);
      await control(`fill/${id}?from=${from}&to=${to}${to === count ? "&last" : ""}`);
    }
    await control(`end/${id}`);
    return id;
  };
  const small = await fill(1);
  const filledAt = performance.now();
  const long = await fill(turns);
  const fillSeconds = (performance.now() - filledAt) / 1000;
  const sizeSchema = z.record(z.string(), z.number());
  const size = sizeSchema.parse(await control(`size/${long}`));
  const { eventCount = 0, events: eventBytes = 0 } = size;
  console.log(`filled ${eventCount} events, ${mb(eventBytes)} of payload, in ${fillSeconds.toFixed(0)} s`);
  for (const [name, bytes] of Object.entries(size)) if (name !== "eventCount") console.log(`  ${name}: ${mb(bytes)}`);

  const bareEvents = Math.floor(eventCount);
  const characters = Math.floor(eventBytes / eventCount);
  for (let sent = 0; sent < bareEvents; sent += 2000)
    await fetch(`${bare.url}/bare/long/emit?count=${Math.min(2000, bareEvents - sent)}&characters=${characters}`).then(
      (response) => response.text(),
    );

  const rows: Row[] = [];
  const add = (what: string, ours: number, base: number | undefined, bar: string): void => {
    rows.push({
      what,
      ours: ms(ours),
      bare: base === undefined ? "" : ms(base),
      ratio: base === undefined ? "" : `${(ours / base).toFixed(2)}x`,
      bar,
    });
  };
  /** Medians of both sides, measured in alternating pairs. */
  const beside = async (
    ours: () => Promise<number>,
    base: () => Promise<number>,
  ): Promise<readonly [number, number]> => {
    const seen = { ours: [] as number[], base: [] as number[] };
    for (let pair = 0; pair < pairs; pair += 1) {
      if (pair % 2 === 0) seen.ours.push(await ours());
      seen.base.push(await base());
      if (pair % 2 === 1) seen.ours.push(await ours());
    }
    return [median(seen.ours), median(seen.base)];
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  const headers = { cookie: product.cookie };
  const get = async (path: string): Promise<number> => {
    const startedAt = performance.now();
    const response = await fetch(`${product.stack.url}${path}`, { headers });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return performance.now() - startedAt;
  };
  const bareSocket = (since: number): WebSocket =>
    new WebSocket(`${bare.url.replace("http", "ws")}/bare/long/socket?since=${since}`, { perMessageDeflate: false });

  const replay = await beside(
    () => timed(() => untilLive(product.socket(long, 0))),
    () => timed(() => untilLive(bareSocket(0))),
  );
  add(`replay of ${eventCount} events, ${mb(eventBytes)}`, ...replay, "<= 3x");
  const resume = await beside(
    () => timed(() => untilLive(product.socket(long, eventCount - 5))),
    () => timed(() => untilLive(bareSocket(bareEvents - 5))),
  );
  add("resume 5 behind", ...resume, "<= 10 ms");
  for (const [what, path] of [
    ["events, 1,000 from the start", "events?since=0&limit=1000"],
    ["events, the last 1,000", `events?since=${Math.max(0, eventCount - 1000)}&limit=1000`],
    ["patch sets", "patch-sets"],
    ["ledger", "ledger"],
    ["model calls", "model-calls"],
    ["one model call", `model-calls/${encodeURIComponent(`run-${long}:coder:1:1:1`)}`],
  ] as const) {
    const [ours, base] = await beside(
      () => get(`/api/runs/${long}/${path}`),
      () => get(`/api/runs/${small}/${path.replace(`run-${long}`, `run-${small}`)}`),
    );
    add(`${what} (beside: a run of 12 events)`, ours, base, "");
  }
  const commit = await beside(
    () => timed(() => control(`commit/${long}`)),
    () => timed(() => control(`commit/${small}`)),
  );
  add("one event's commit (beside: a small run)", ...commit, "");
  const pause = async (runId: string): Promise<number> => {
    const took = await timed(() => client.http.api(z.unknown(), "POST", `/api/runs/${runId}/pause`, {}));
    await client.http.api(z.unknown(), "POST", `/api/runs/${runId}/resume`, {});
    await sleep(300);
    return took;
  };
  add(
    "pause, with its projection (beside: a small run)",
    ...(await beside(
      () => pause(long),
      () => pause(small),
    )),
    "",
  );

  const wake = async (runId: string): Promise<number> => {
    await control(`end/${runId}`);
    await sleep(100);
    return timed(() => control(`ping/${runId}`));
  };
  const before = residentBytes(product.stack.workerPid);
  add(
    "wake from storage (beside: a small run)",
    ...(await beside(
      () => wake(long),
      () => wake(small),
    )),
    "",
  );
  const after = residentBytes(product.stack.workerPid);
  printTable(rows);
  console.log(`\nworkerd's memory: ${mb(before)} before five wakes, ${mb(after)} after`);
  console.log(`database of the object: ${mb(size["database"] ?? 0)} (bar < 64 MB)`);
  console.log("");
  printTable(await measureInBrowser(product, long, small));
} finally {
  bare.close();
  await product.close();
}

/** Resolves when the socket has had everything up to `live`. */
async function untilLive(socket: WebSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data: Buffer) => {
      if (data.toString("latin1", 0, 11) === '{"t":"live"') resolve();
    });
  });
  socket.close();
}
