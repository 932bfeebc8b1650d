import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { ApiClient } from "../local/stack/client.ts";
import { startSeededStack } from "./seeded-stack.ts";
import { howMany } from "./smoke.ts";
import { answered, comeBack, listedRuns, sendStart, startFaults, type StartAnswer } from "./starts-load.ts";
import { addNeighbour, watchNeighbour, type NeighbourSeen } from "./starts-neighbour.ts";
import { besideRow, printTable, type Row } from "./stats.ts";

/*
 * A tenant sends many starts at once, each with its own idempotency key, while another tenant reads and starts a run now and then. Beside it
 * the same number of requests without a session, which the Worker refuses at once: one Worker on one machine answers them one after the
 * other, whatever the product does. In turns: quiet, bare flood, flood of starts, the accepted runs at work. Of the last flood the
 * refused starts come back when their Retry-After says. Ends with 1 after a 5xx, a run that is lost or doubled, a 429 that does not say when
 * to go on, or a neighbour's request that was refused.
 */
const rounds = howMany(3, 1);
const many = howMany(300, 60);
const comingBack = howMany(80, 12);
const quietMs = howMany(5_000, 1_500);
const pace = { everyMs: 100, startEveryMs: 3_000 };
/** The quota counts by the minute: a flood has one for itself. */
const quotaMs = 61_000;
const faults: string[] = [];

const ours = await startSeededStack();
try {
  const { client, stack, target } = ours;
  const neighbour = await addNeighbour(stack, target.model);
  const flooded = { ...target, mode: "implement" as const, prompt: "flood: decline this, please" };
  for (const [who, start] of [
    [client, { ...flooded, prompt: "warm up" }],
    [neighbour.client, neighbour.start],
  ] as const)
    for (let index = howMany(5, 1); index > 0; index -= 1)
      await who.cancel((await who.startRun({ ...start, idempotencyKey: crypto.randomUUID() })).id);
  const watch = async (until: Promise<unknown>): Promise<NeighbourSeen> => {
    const seen = await watchNeighbour(neighbour, pace, until);
    faults.push(...seen.refused.map((text) => `the neighbour was refused: ${text}`));
    return seen;
  };
  const flood = <T>(send: () => Promise<T>): Promise<readonly T[]> => Promise.all(Array.from({ length: many }, send));
  const seen = {
    quiet: [] as NeighbourSeen[],
    bare: [] as NeighbourSeen[],
    flood: [] as NeighbourSeen[],
    working: [] as NeighbourSeen[],
    back: [] as NeighbourSeen[],
  };
  const bareMs: number[] = [];
  const first: StartAnswer[] = [];
  let last: readonly StartAnswer[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round > 0) await Promise.all([sleep(quotaMs), atRest(client)]);
    seen.quiet.push(await watch(sleep(quietMs)));
    const bare = flood(() => unauthenticated(stack.url));
    seen.bare.push(await watch(bare));
    bareMs.push(...(await bare));
    await sleep(500);
    const sent = flood(() => sendStart(client, flooded, crypto.randomUUID()));
    seen.flood.push(await watch(sent));
    last = await sent;
    first.push(...last);
    seen.working.push(await watch(sleep(quietMs)));
  }
  const refused = last.filter(({ status }) => status === 429).slice(0, comingBack);
  const backSince = performance.now();
  const back = comeBack(client, flooded, refused);
  seen.back.push(await watch(back));
  const returned = await back;
  const backMs = performance.now() - backSince;
  const all = [...first, ...returned.answers];
  faults.push(...startFaults(all), ...(await lostOrDoubled(client, flooded, all)));
  if (returned.started < refused.length)
    faults.push(`${refused.length - returned.started} refused starts did not start when they came back`);

  const reads = (phase: keyof typeof seen): readonly number[] => seen[phase].flatMap(({ readMs }) => readMs);
  const starts = (phase: keyof typeof seen): readonly number[] => seen[phase].flatMap(({ startMs }) => startMs);
  const count = (what: string, text: string, bar = ""): Row => ({ what, ours: text, bare: "", ratio: "", bar });
  const firstMs = first.map(({ tookMs }) => tookMs);
  printTable([
    count(`${rounds} floods of ${many} starts: 201 / 429`, `${answered(first, 201)} / ${answered(first, 429)}`),
    besideRow("their answers, p50 (bare: as many 401)", firstMs, bareMs, 0.5),
    besideRow("their answers, p95 (bare: as many 401)", firstMs, bareMs, 0.95),
    besideRow("neighbour's GET, p95: as many 401 (bare: quiet)", reads("bare"), reads("quiet"), 0.95),
    besideRow("neighbour's GET, p95: flood (bare: quiet)", reads("flood"), reads("quiet"), 0.95),
    besideRow("neighbour's GET, p95: flood (bare: as many 401)", reads("flood"), reads("bare"), 0.95, "<= 3x"),
    besideRow("neighbour's GET, p95: runs begin (bare: quiet)", reads("working"), reads("quiet"), 0.95),
    besideRow("neighbour's GET, p95: refused come back (bare: quiet)", reads("back"), reads("quiet"), 0.95),
    besideRow("neighbour's start, p50: flood (bare: as many 401)", starts("flood"), starts("bare"), 0.5),
    besideRow("neighbour's start, longest: flood (bare: as many 401)", starts("flood"), starts("bare"), 1),
    count(
      "refused starts that came back as Retry-After says and are runs",
      `${returned.started} of ${refused.length} in ${(backMs / 1000).toFixed(0)} s`,
      "all",
    ),
    count("5xx, runs lost or doubled, 429 without a delay, neighbour refused", String(faults.length), "0"),
  ]);
  for (const fault of new Set(faults)) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await ours.close();
}

/** A start without a session; how long its answer took, in milliseconds. */
async function unauthenticated(url: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  await response.text();
  if (response.status !== 401) faults.push(`a start without a session answered ${response.status}`);
  return performance.now() - startedAt;
}

/** Waits until no run of the tenant works. */
async function atRest(client: ApiClient): Promise<void> {
  const active = z.object({ items: z.array(z.unknown()) });
  while ((await client.http.api(active, "GET", "/api/runs?state=active&limit=1")).items.length > 0) await sleep(1_000);
}

/** Whether each answered start is one run of the tenant's list, and a key that is sent again answers with its run. */
async function lostOrDoubled(
  client: ApiClient,
  start: Parameters<typeof sendStart>[1],
  answers: readonly StartAnswer[],
): Promise<readonly string[]> {
  const told = answers.flatMap(({ runId }) => (runId === undefined ? [] : [runId]));
  const listed = new Set(await listedRuns(client, start.prompt));
  const [one] = answers.filter(({ runId }) => runId !== undefined);
  const again = one === undefined ? undefined : await sendStart(client, start, one.key);
  return [
    ...told.filter((id) => !listed.has(id)).map((id) => `run ${id} was answered and is not in the list`),
    ...[...listed].filter((id) => !told.includes(id)).map((id) => `run ${id} is in the list and was not answered`),
    ...(new Set(told).size < told.length ? ["two starts were answered with the same run"] : []),
    ...(again?.runId === one?.runId ? [] : ["a key that was sent again started another run"]),
  ];
}
