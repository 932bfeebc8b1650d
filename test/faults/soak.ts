import { setTimeout as sleep } from "node:timers/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isFinal } from "../../contracts/run.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { fold } from "../../domain/run/fold.ts";
import { ApiClient } from "../../local/stack/client.ts";
import { readSettings } from "../../local/stack/settings.ts";
import { startStack } from "../../local/stack/stack.ts";
import { silentLog } from "../../local/stack/status.ts";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { startWorker, type WorkerProcess } from "../../local/stack/worker-process.ts";

/*
 * The soak: one run after another while the Worker's processes are killed with SIGKILL at random moments and started again on
 * the same data. `npm run soak -- --kills 200 --seed 7`. Ends with code 1 when a run loses or doubles anything.
 */
const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const kills = argument("kills", 200);
/** Longest time between two kills; shorter than a step lasts, and nothing would ever get done. */
const spreadMs = argument("spread", 15_000);
let state = argument("seed", Date.now() % 1_000_000) >>> 0;
console.log(`soak: ${kills} kills, seed ${state}`);
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

const dataDir = mkdtempSync(path.join(tmpdir(), "lime-soak-"));
const stack = await startStack({
  settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
  log: silentLog,
  modelDelayMs: 20,
});
const port = Number(new URL(stack.url).port);
let worker: Pick<WorkerProcess, "pid" | "exited" | "stop"> = {
  pid: stack.workerPid,
  exited: stack.workerExited,
  stop: () => Promise.resolve(),
};
const client = new ApiClient(stack.url);
await client.signIn("lime-dev");
const bug = stack.seeded?.tickets.find((ticket) => ticket.type === "bug");
const model = (await client.models()).find((candidate) => candidate.available)?.id;
if (bug?.repository === null || bug === undefined || model === undefined) throw new Error("the seed is incomplete");

const problems: string[] = [];
let killed = 0;
let runs = 0;
const killedAt = new Map<string, number>();

async function killAndRestart(): Promise<void> {
  process.kill(-worker.pid, "SIGKILL");
  await worker.exited;
  killed += 1;
  worker = await startWorker({
    dataDir,
    port,
    envFile: path.join(dataDir, "worker.env"),
    signal: new AbortController().signal,
  });
  await fetch(`${stack.url}/cdn-cgi/local/scheduled`).then((response) => response.body?.cancel());
}

async function approve(runId: string): Promise<void> {
  const patchSet = (await client.patchSets(runId)).find(
    (candidate) => !candidate.superseded && candidate.approval === null,
  );
  if (patchSet !== undefined)
    await client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

/** Follows a run to its end, approving when asked; gives up the moment the connection dies. */
async function attend(runId: string, seen: RunEvent[]): Promise<void> {
  try {
    if (fold(seen).state === "WAITING_APPROVAL") await approve(runId);
    for await (const event of client.followEvents(runId, {
      since: seen.at(-1)?.seq ?? 0,
      signal: AbortSignal.timeout(90_000),
    })) {
      seen.push(event);
      if (event.type !== "run.state_changed") continue;
      if (isFinal(event.data.to) || event.data.to === "NEEDS_HUMAN") return;
      if (event.data.to === "WAITING_APPROVAL") await approve(runId);
    }
  } catch (error) {
    if (error instanceof Error && error.name === "EventGap") problems.push(`run ${runId}: ${error.message}`);
  }
}

async function check(runId: string, seen: readonly RunEvent[], writesBefore: number): Promise<void> {
  const log = await client.events(runId);
  const say = (what: string): void => void problems.push(`run ${runId}: ${what}`);
  if (log.some((event, index) => event.seq !== index + 1)) say("event numbers are not dense");
  if (JSON.stringify(seen) !== JSON.stringify(log.slice(0, seen.length))) say("what the browser saw is not the log");
  const view = fold(log);
  if (view.state !== "DONE") say(`ended ${view.state}: ${view.cause ?? ""}`);
  if ((await client.run(runId)).state !== view.state) say("the read model is behind");
  const broken = findLedgerBreak(await client.ledger(runId));
  if (broken !== undefined) say("the ledger does not verify");
  const made = (stack.forge?.writes() ?? [])
    .slice(writesBefore)
    .filter(({ method, status }) => method === "POST" && status < 300);
  const distinct = (pattern: RegExp): number =>
    new Set(made.filter(({ path: at }) => pattern.test(at)).map(({ result }) => result)).size;
  const counts = [distinct(/\/git\/commits$/u), distinct(/\/git\/refs$/u), distinct(/\/pulls$/u)];
  if (counts.some((count) => count !== 1)) say(`commits, branches, pull requests: ${counts.join(", ")}`);
}

try {
  while (killed < kills) {
    runs += 1;
    const writesBefore = stack.forge?.writes().length ?? 0;
    const run = await client.startRun({
      projectId: bug.projectId,
      repositoryId: bug.repository.id,
      mode: "bugfix",
      model,
      prompt: `${bug.title}\n\n${bug.description}`,
      ticketId: bug.id,
    });
    const seen: RunEvent[] = [];
    for (let alive = true; alive;) {
      const watching = attend(run.id, seen);
      const ended = await Promise.race([watching.then(() => true), sleep(300 + random() * spreadMs).then(() => false)]);
      alive = !isFinal(fold(seen).state) && fold(seen).state !== "NEEDS_HUMAN";
      if (!alive) break;
      if (ended && killed >= kills) continue;
      if (killed < kills) {
        const last = seen.at(-1)?.type ?? "nothing";
        killedAt.set(last, (killedAt.get(last) ?? 0) + 1);
        await killAndRestart();
      }
      await watching;
    }
    await check(run.id, seen, writesBefore);
    console.log(`run ${run.id}: ${fold(seen).state}, ${killed} kills so far, ${problems.length} problems`);
  }
} finally {
  await worker.stop();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
console.log(`\nkilled behind: ${[...killedAt].map(([type, count]) => `${type} ${count}`).join(", ")}`);
console.log(`${killed} kills over ${runs} runs, ${problems.length} problems`);
for (const problem of problems) console.log(`- ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
