import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { socketMark } from "../contracts/run-events.ts";
import { startBenchWorker } from "./bench-worker.ts";
import { howMany } from "./smoke.ts";
import { median, ms, printTable, quantile, type Row } from "./stats.ts";

const socketCount = howMany(100, 5);
const pairs = howMany(5, 1);

type Kind = "bare" | "product";

interface Client {
  readonly socket: WebSocket;
  readonly latencies: number[];
  events: number;
  live: Promise<void>;
}

function open(url: string, kind: Kind, name: string, since = 0): Client {
  const socket = new WebSocket(`${url.replace("http", "ws")}/${kind}/${name}/socket?since=${since}`, {
    perMessageDeflate: false,
  });
  const client: Client = { socket, latencies: [], events: 0, live: Promise.resolve() };
  client.live = new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      if (text.startsWith(socketMark)) socket.send(text);
      else if (text.startsWith('{"t":"live"')) resolve();
      else {
        const now = Date.now();
        for (const found of text.matchAll(/"message":"(\d+) /gu)) {
          client.latencies.push(now - Number(found[1]));
          client.events += 1;
        }
      }
    });
  });
  return client;
}

/** Latency from an event's making to each of 100 sockets, 50 events a second for 4 seconds. */
async function fanOut(url: string, kind: Kind, name: string): Promise<readonly number[]> {
  const clients = Array.from({ length: socketCount }, () => open(url, kind, name));
  await Promise.all(clients.map((client) => client.live));
  const total = howMany(200, 20);
  const startedAt = performance.now();
  for (let index = 0; index < total; index += 1) {
    const due = startedAt + index * 20 - performance.now();
    if (due > 0) await sleep(due);
    void fetch(`${url}/${kind}/${name}/emit`).then((response) => response.body?.cancel());
  }
  while (clients.some((client) => client.events < total)) await sleep(10);
  for (const client of clients) client.socket.close();
  return clients.flatMap((client) => client.latencies);
}

/** Latency, to one of 10 sockets, of an event that is made 5 ms after another one. */
async function closePair(url: string, kind: Kind, name: string): Promise<readonly number[]> {
  const clients = Array.from({ length: 10 }, () => open(url, kind, name));
  await Promise.all(clients.map((client) => client.live));
  const total = howMany(30, 3);
  for (let index = 0; index < total; index += 1) {
    for (const waitMs of [100, 5]) {
      await sleep(waitMs);
      void fetch(`${url}/${kind}/${name}/emit`).then((response) => response.body?.cancel());
    }
  }
  while (clients.some((client) => client.events < 2 * total)) await sleep(10);
  for (const client of clients) client.socket.close();
  return clients.flatMap((client) => client.latencies.filter((_, index) => index % 2 === 1));
}

/** Events a second when 2,000 come at once, until the last of 100 sockets has them all. */
async function burst(url: string, kind: Kind, name: string): Promise<number> {
  const clients = Array.from({ length: socketCount }, () => open(url, kind, name));
  await Promise.all(clients.map((client) => client.live));
  const total = howMany(2000, 100);
  const startedAt = performance.now();
  await fetch(`${url}/${kind}/${name}/emit?count=${total}`);
  while (clients.some((client) => client.events < total)) await sleep(2);
  const seconds = (performance.now() - startedAt) / 1000;
  for (const client of clients) client.socket.close();
  return total / seconds;
}

/** Time for a new socket to have everything after `since`, up to `live`. */
async function replay(url: string, kind: Kind, name: string, since: number): Promise<number> {
  const startedAt = performance.now();
  const client = open(url, kind, name, since);
  await client.live;
  client.socket.close();
  return performance.now() - startedAt;
}

const worker = await startBenchWorker(9391);
try {
  const collected = {
    fan: { bare: [] as number[][], product: [] as number[][] },
    close: { bare: [] as number[][], product: [] as number[][] },
    burst: { bare: [] as number[], product: [] as number[] },
    replay: { bare: [] as number[], product: [] as number[] },
    resume: { bare: [] as number[], product: [] as number[] },
  };
  for (const kind of ["bare", "product"] as const) {
    for (let part = 0; part < howMany(10, 1); part += 1) await fetch(`${worker.url}/${kind}/long/emit?count=1000`);
  }
  for (let pair = 0; pair < pairs; pair += 1) {
    const order: readonly Kind[] = pair % 2 === 0 ? ["bare", "product"] : ["product", "bare"];
    for (const kind of order) {
      collected.fan[kind].push([...(await fanOut(worker.url, kind, `fan${pair}`))]);
      collected.close[kind].push([...(await closePair(worker.url, kind, `close${pair}`))]);
      collected.burst[kind].push(await burst(worker.url, kind, `burst${pair}`));
      collected.replay[kind].push(await replay(worker.url, kind, "long", 0));
      collected.resume[kind].push(await replay(worker.url, kind, "long", howMany(9995, 995)));
    }
  }
  const share = (runs: readonly (readonly number[])[], part: number): number =>
    median(runs.map((run) => quantile(run, part)));
  const fan = (kind: Kind, part: number): number => share(collected.fan[kind], part);
  const close = (kind: Kind): number => share(collected.close[kind], 0.95);
  const row = (what: string, ours: number, bare: number, bar: string, unit: (value: number) => string = ms): Row => ({
    what,
    ours: unit(ours),
    bare: unit(bare),
    ratio: `${(ours / bare).toFixed(2)}x`,
    bar,
  });
  const perSecond = (value: number): string => `${Math.round(value)}/s`;
  printTable([
    row("event to 100 sockets, 50/s, p50", fan("product", 0.5), fan("bare", 0.5), "<= 1.10x"),
    row("event to 100 sockets, 50/s, p95", fan("product", 0.95), fan("bare", 0.95), "<= 1.15x"),
    row("event to 100 sockets, 50/s, p99", fan("product", 0.99), fan("bare", 0.99), "<= 1.30x"),
    row("an event 5 ms after another, p95", close("product"), close("bare"), ""),
    row(
      "burst of 2,000 to 100 sockets",
      median(collected.burst.product),
      median(collected.burst.bare),
      ">= 3x",
      perSecond,
    ),
    row("replay of 10,000 events", median(collected.replay.product), median(collected.replay.bare), "<= 3x"),
    row("resume 5 behind", median(collected.resume.product), median(collected.resume.bare), "<= 10 ms"),
  ]);
} finally {
  worker.close();
}
