import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectBudgetSchema, type ProjectBudget } from "../../contracts/budget.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { isFinal, type Run } from "../../contracts/run.ts";
import { fold } from "../../domain/run/fold.ts";
import { ApiClient } from "../../local/stack/client.ts";
import { EventGap } from "../../local/stack/run-socket.ts";
import { readSettings } from "../../local/stack/settings.ts";
import { startStack, type Stack } from "../../local/stack/stack.ts";
import { silentLog } from "../../local/stack/status.ts";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { startCountingModel, type CountingModel } from "./counting-model.ts";
import { heldCommits } from "./held-commits.ts";
import { livingProcesses } from "./processes.ts";
import { randomFrom } from "./random.ts";

/*
 * kill -9 of the Worker's processes at ten random moments of a run, each followed by a new start on the same data. After
 * each, the run resumes by itself and ends once: numbers dense, one commit, one branch, one pull request,
 * no more model calls than the one in flight, a ledger that verifies.
 */
const rounds = 10;
const seedNumber = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

let dataDir: string;
let model: CountingModel;
let stack: Stack;
let client: ApiClient;
let usualEvents = 0;

async function start(): Promise<void> {
  stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
    log: silentLog,
    modelUrl: model.url,
  });
  client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
}

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "assembly-lime-crash-"));
  model = await startCountingModel();
  await start();
});

afterAll(async () => {
  await stack?.close();
  await model?.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

async function startBugfix(): Promise<Run> {
  const bug = stack.seeded?.tickets.find((ticket) => ticket.type === "bug");
  const claude = (await client.models()).find((candidate) => candidate.agent === "Claude" && candidate.available);
  if (bug?.repository === undefined || bug.repository === null || claude === undefined)
    throw new Error("the seed is incomplete");
  return client.startRun({
    projectId: bug.projectId,
    repositoryId: bug.repository.id,
    mode: "bugfix",
    model: claude.id,
    prompt: `${bug.title}\n\n${bug.description}`,
    ticketId: bug.id,
  });
}

/** Watches a run over its socket and approves when asked, until it ends; without `onLost`, until the connection dies with the Worker. */
async function attend(
  runId: string,
  seen: RunEvent[],
  watch: { readonly onEvent?: (seq: number) => void; readonly onLost?: (seq: number) => void } = {},
): Promise<boolean> {
  const { onLost } = watch;
  const options = {
    since: seen.at(-1)?.seq ?? 0,
    signal: AbortSignal.timeout(120_000),
    ...(onLost === undefined ? {} : { onLost }),
  };
  try {
    // The kill may have come between the question and the answer.
    if (fold(seen).state === "WAITING_APPROVAL") await approve(runId);
    for await (const event of client.followEvents(runId, options)) {
      seen.push(event);
      watch.onEvent?.(event.seq);
      if (event.type !== "run.state_changed") continue;
      if (isFinal(event.data.to)) return true;
      if (event.data.to === "WAITING_APPROVAL") await approve(runId);
    }
  } catch (error) {
    if (error instanceof EventGap) throw error;
    // The socket died with the Worker.
  }
  return false;
}

async function approve(runId: string): Promise<void> {
  const patchSet = (await client.patchSets(runId)).find((candidate) => !candidate.superseded);
  if (patchSet === undefined || patchSet.approval !== null) return;
  await client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

/** Checks the invariants of an ended run, which hold after every fault. */
async function checkInvariants(
  run: Run,
  seen: readonly RunEvent[],
  writesBefore: number,
  callsBefore: number,
  kills: number,
): Promise<void> {
  const log = await client.events(run.id);
  expect(log.map((event) => event.seq)).toEqual(log.map((_, index) => index + 1));
  expect(seen).toEqual(log);
  const ended = await client.run(run.id);
  expect(ended.state).toBe("DONE");
  expect(fold(log).state).toBe("DONE");
  expect(log.filter((event) => event.type === "run.state_changed" && event.data.to === "DONE")).toHaveLength(1);

  const writes = (stack.forge?.writes() ?? [])
    .slice(writesBefore)
    .filter((write) => write.method === "POST" && write.status < 300);
  const results = (pattern: RegExp): readonly string[] =>
    writes.filter((write) => pattern.test(write.path)).map((write) => write.result);
  expect(heldCommits(writes), "commits").toHaveLength(1);
  expect(results(/\/git\/refs$/), "branches").toHaveLength(1);
  expect(results(/\/pulls$/), "pull requests").toHaveLength(1);

  const finishedTurns = log.filter((event) => event.type === "turn.finished").length;
  const calls = model.calls() - callsBefore;
  expect(calls - finishedTurns, `${calls} model calls for ${finishedTurns} turns`).toBeLessThanOrEqual(kills);
  expect(calls).toBeGreaterThanOrEqual(finishedTurns);

  expect(findLedgerBreak(await client.ledger(run.id))).toBeUndefined();

  // The project is charged with every call that counts, once, and nothing stays reserved.
  charged += fold(log).costMicros ?? Number.NaN;
  await expect
    .poll(async () => (await projectBudget(run.projectId)).now, { timeout: 15_000 })
    .toMatchObject({ spentMicros: charged, reservedMicros: 0, unpricedCalls: 0 });
}

/** The cost of all runs of the suite so far, in millionths of a dollar. */
let charged = 0;

async function projectBudget(projectId: string): Promise<ProjectBudget> {
  return client.http.api(projectBudgetSchema, "GET", `/api/projects/${projectId}/budget`);
}

const random = randomFrom(seedNumber);

/** Resolves when the watched run has come to an event, and a little later by chance: between two events, in the midst of a step. */
function momentAt(seq: number): { readonly onEvent: (seq: number) => void; readonly come: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    onEvent: (seen) => {
      if (seen >= seq) resolve(undefined);
    },
    come: promise.then(() => sleep(random() * 400)),
  };
}

test("without a crash the run ends once, and sets the scale of the moments", async () => {
  const before = { writes: stack.forge?.writes().length ?? 0, calls: model.calls() };
  const run = await startBugfix();
  const seen: RunEvent[] = [];
  expect(await attend(run.id, seen)).toBe(true);
  usualEvents = seen.length;
  await checkInvariants(run, seen, before.writes, before.calls, 0);
});

const moments = Array.from({ length: rounds }, (_, index) => (index + random()) / rounds);

test.each(moments)(`killed at the moment %f of a run (seed ${seedNumber})`, async (moment) => {
  expect(usualEvents).toBeGreaterThan(0);
  const before = { writes: stack.forge?.writes().length ?? 0, calls: model.calls() };
  const run = await startBugfix();
  const seen: RunEvent[] = [];
  const { come, onEvent } = momentAt(Math.ceil(moment * (usualEvents - 1)));
  const watching = attend(run.id, seen, { onEvent });
  await come;
  process.kill(-stack.workerPid, "SIGKILL");
  await stack.workerExited;
  const endedBefore = await watching;
  await stack.close();
  const killedAfter = seen.at(-1);

  await start();
  expect(
    endedBefore || (await attend(run.id, seen)),
    `after a kill behind event ${killedAfter?.seq} (${killedAfter?.type}) the run went on to its end`,
  ).toBe(true);
  await checkInvariants(run, seen, before.writes, before.calls, 1);
});

test("the runtime killed alone in mid-run is started again by itself, and the run resumes", async () => {
  const before = { writes: stack.forge?.writes().length ?? 0, calls: model.calls() };
  const run = await startBugfix();
  const seen: RunEvent[] = [];
  const lost: number[] = [];
  const { come, onEvent } = momentAt(Math.ceil((0.1 + random() * 0.5) * usualEvents));
  const watching = attend(run.id, seen, { onEvent, onLost: (seq) => lost.push(seq) });
  await come;
  // The other workerd of the group is wrangler's proxy, which listens on the public port.
  const proxy = `:${new URL(stack.url).port} `;
  const runtime = livingProcesses().find(
    ({ command, group }) => group === stack.workerPid && command.includes("workerd serve") && !command.includes(proxy),
  );
  if (runtime === undefined) throw new Error("no runtime was found");
  process.kill(runtime.pid, "SIGKILL");
  expect(await watching).toBe(true);
  expect(lost.length).toBeGreaterThan(0);
  await checkInvariants(run, seen, before.writes, before.calls, 1);
});
