import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StartRun } from "../../../contracts/run.ts";
import { ApiClient } from "../../../local/stack/client.ts";
import { readSettings } from "../../../local/stack/settings.ts";
import { startStack, type Stack } from "../../../local/stack/stack.ts";
import { silentLog } from "../../../local/stack/status.ts";
import { startCountingModel } from "../counting-model.ts";
import { attend, startAttended, type Attended } from "./attendant.ts";
import { Killer } from "./killer.ts";
import { randomFrom } from "../random.ts";
import { readOptions } from "./options.ts";
import { checkAllRuns, judge } from "./verdict.ts";

/*
 * The soak: several runs at once, one after another, while the Worker's processes are killed with SIGKILL at random moments and come
 * back on the same data. `npm run soak -- --kills 200 --seed 7`. Ends by itself; with code 1 when a run loses or doubles anything.
 */
const options = readOptions(process.argv.slice(2));
const random = randomFrom(options.seed);
console.log(`soak: ${options.kills} kills, ${options.parallel} runs at once, seed ${options.seed}`);
const startedAt = performance.now();
const minutes = (): string => ((performance.now() - startedAt) / 60_000).toFixed(1);

const dataDir = mkdtempSync(path.join(tmpdir(), "lime-soak-"));
const model = await startCountingModel();
const stack = await startStack({
  settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
  log: silentLog,
  modelUrl: model.url,
});
const killer = new Killer(stack, dataDir);
const client = new ApiClient(stack.url);
const attended: Attended[] = [];
const killedBehind = new Map<string, number>();
let isOver = false;

try {
  await client.signIn("lime-dev");
  const requests = await requestsFor(client, stack);
  const lanes = Array.from({ length: options.parallel }, (_, lane) => runLane(requests, lane));
  const failed = Promise.all(lanes).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  for (let kill = 1; kill <= options.kills && performance.now() - startedAt < options.limitMs; kill += 1) {
    const [least, most] = options.upMs;
    await sleep(least + random() * (most - least));
    for (const { seen } of attended.slice(-options.parallel)) {
      const last = seen.at(-1)?.type ?? "nothing";
      killedBehind.set(last, (killedBehind.get(last) ?? 0) + 1);
    }
    await killer.kill(random() < 0.25 ? "group" : "runtime");
    if (kill % 10 === 0) console.log(`${minutes()} min: ${kill} kills, ${attended.length} runs begun`);
  }
  isOver = true;
  const error = await failed;
  if (error !== undefined) throw error;
  await report();
} finally {
  isOver = true;
  await killer.stop();
  await stack.close();
  await model.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
process.exit();

/** One run after another until the soak is over; the last one is attended to its end. */
async function runLane(requests: readonly StartRun[], lane: number): Promise<void> {
  for (let round = lane; !isOver; round += 1) {
    const request = requests[round % requests.length];
    if (request === undefined) return;
    const one = await startAttended(client, request);
    attended.push(one);
    await attend(client, one);
  }
}

/** The requests that are run in turn: a bug fix, an implementation and a whole feature, so that kills hit every kind of step. */
async function requestsFor(api: ApiClient, { seeded }: Stack): Promise<readonly StartRun[]> {
  const found = (await api.models()).find(({ agent, available }) => available && agent === "Claude")?.id;
  const bug = seeded?.tickets.find(({ type }) => type === "bug");
  const rename = seeded?.tickets.find(({ title }) => title.startsWith("Rename"));
  if (found === undefined || bug === undefined || rename === undefined) throw new Error("the seed is incomplete");
  const work = [
    ["bugfix", bug],
    ["implement", rename],
    ["feature", rename],
  ] as const;
  return work.map(([mode, { description, id, projectId, repository, title }]) => ({
    projectId,
    repositoryId: repository?.id ?? "",
    mode,
    model: found,
    prompt: `${title}\n\n${description}`,
    ticketId: id,
  }));
}

async function report(): Promise<void> {
  const verdict = await judge(client, stack, attended, model.calls());
  const all = await checkAllRuns(stack, dataDir);
  const problems = [...verdict.problems, ...all.findings];
  const down = killer.downMs.toSorted((a, b) => a - b);
  const kills = killer.deaths.runtime + killer.deaths.group;
  const rows: readonly (readonly [string, string])[] = [
    ["kills", `${kills} (${killer.deaths.runtime} of the runtime alone, ${killer.deaths.group} of everything)`],
    [
      "runs",
      `${attended.length}: ${Object.entries(verdict.endings)
        .map(([state, count]) => `${count} ${state}`)
        .join(", ")}`,
    ],
    ["events lost or doubled", String(verdict.lostEvents)],
    ["effects doubled", String(verdict.doubledEffects)],
    ["ledgers verified", `${verdict.ledgersVerified} of ${attended.length}`],
    [
      "model calls",
      `${verdict.modelCallsServed} served, ${verdict.modelCallsKept} kept, ${verdict.modelCallsUnpaid} cut off by a kill`,
    ],
    ["state = fold(events) = row", `${all.checked} runs checked, ${all.findings.length} differ`],
    ["down after a kill", `median ${down[down.length >> 1] ?? 0} ms, longest ${down.at(-1) ?? 0} ms`],
    ["took", `${minutes()} min`],
    ["killed behind", [...killedBehind].map(([type, count]) => `${type} ${count}`).join(", ")],
  ];
  console.log();
  for (const [name, value] of rows) console.log(`${name.padEnd(28)} ${value}`);
  console.log(`${problems.length} problems`);
  for (const problem of problems) console.log(`- ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
