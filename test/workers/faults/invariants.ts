import { env } from "cloudflare:workers";
import * as z from "zod";
import { expect } from "vitest";
import { isFinal, modelCallSchema, type Run } from "../../../contracts/run.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { verifyLedger } from "../../../domain/ledger/chain.ts";
import { fold, isWaiting, type RunView } from "../../../domain/run/fold.ts";
import { isApproved, type LaneView } from "../../../domain/run/lane-view.ts";
import { modes } from "../../../domain/run/modes.ts";
import { projectRun } from "../../../domain/run/projection.ts";
import type { OutsideLedger } from "../outside/ledger.ts";
import { outsideLedger, until } from "./outside-control.ts";
import type { RunWorld } from "./run-world.ts";
import type { Watcher } from "./watcher.ts";

const callList = z.object({ items: z.array(modelCallSchema) });

/** The parts of a run to check after a fault, and the losses that the fault may have caused. */
export interface Expected {
  readonly watcher?: Watcher;
  /** Calls of the model, or commits, whose answer a crash lost: at most one for each crash. */
  readonly lostCalls?: number;
}

/** Checks every invariant of a run at rest against its log, its row and the other sides' own accounts. */
export async function checkRun(
  world: RunWorld,
  id: string,
  { lostCalls = 0, watcher }: Expected = {},
): Promise<{ readonly run: Run; readonly events: readonly RunEvent[]; readonly outside: OutsideLedger }> {
  const events = await world.events(id);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  const view = fold(events);
  expect(isFinal(view.state) || isWaiting(view.state), `${view.state} is a waiting or final state`).toBe(true);

  // The object's stored view, the fold of its log and the listed row are equal.
  const row = await until(async () => {
    const run = await world.run(id);
    return run.state === view.state ? run : undefined;
  }, 2_000);
  expect(row?.state).toBe(view.state);
  expect(row?.cause).toBe(view.cause);
  const head = events.at(-1);
  await checkRow(id, projectRun(view, row?.headSeq ?? 0, head?.atMs ?? 0));

  const ledger = await world.ledger(id);
  expect(verifyLedger(ledger)).toEqual({ ok: true, entries: ledger.entries.length });

  const outside = await outsideLedger();
  await checkMoney(world, id, events, outside, lostCalls);
  checkEffects(id, events, outside, lostCalls);
  if (watcher !== undefined) {
    await until(() => (watcher.seen.length >= events.length ? true : undefined), 2_000);
    expect(watcher.problems).toEqual([]);
    expect(watcher.seen).toEqual(events);
  }
  if (row === undefined) throw new Error("no row");
  return { run: row, events, outside };
}

/** The row's columns that come from the fold; number and time of the newest event may lie a step behind. */
async function checkRow(id: string, expected: ReturnType<typeof projectRun>): Promise<void> {
  const readRow = async (): Promise<unknown> =>
    env.DB.prepare("select * from run where id = ?").bind(Number(id)).first();
  await expect.poll(readRow, { timeout: 10_000 }).toMatchObject({
    state: expected.state,
    stage: expected.stage,
    base_commit: expected.baseCommit,
    pr_number: expected.prNumber,
    pr_branch: expected.prBranch,
    pr_commit: expected.prCommit,
    lanes: expected.lanes,
    cost_micros: expected.costMicros,
    input_tokens: expected.inputTokens,
    output_tokens: expected.outputTokens,
  });
}

/** The run's money is the provider's own bill, less the answers that were lost with a process. */
async function checkMoney(
  world: RunWorld,
  id: string,
  events: readonly RunEvent[],
  outside: OutsideLedger,
  lostCalls: number,
): Promise<void> {
  const billed = outside.modelCalls.filter(({ callId }) => callId.startsWith(`run-${id}:`));
  const kept = (await world.client.ask(callList, 200, "GET", `/api/runs/${id}/model-calls`)).items;
  const finished = events.filter((event) => event.type === "turn.finished").length;
  expect(kept).toHaveLength(finished);
  expect(new Set(billed.map(({ callId }) => callId)).size, "no call id is used twice").toBe(billed.length);
  expect(billed.length - kept.length, "lost answers").toBeLessThanOrEqual(lostCalls);
  const bills = new Map(billed.map((bill) => [bill.requestId, bill]));
  for (const call of kept) {
    expect(bills.get(call.vendorRequestId ?? "")).toMatchObject({
      callId: call.callId,
      inputTokens: call.inputTokens,
      outputTokens: call.outputTokens,
    });
  }
  const { costMicros, inputTokens, outputTokens } = fold(events);
  const sum = (pick: (call: (typeof kept)[number]) => number | null): number =>
    kept.reduce((total, call) => total + (pick(call) ?? 0), 0);
  expect({ costMicros, inputTokens, outputTokens }).toEqual({
    costMicros: sum((call) => call.costMicros),
    inputTokens: sum((call) => call.inputTokens),
    outputTokens: sum((call) => call.outputTokens),
  });
}

function checkEffects(id: string, events: readonly RunEvent[], outside: OutsideLedger, lostReplies: number): void {
  const view = fold(events);
  const approved = new Set(
    events.flatMap(({ data, type }) =>
      type === "approval.decided" && data.decision === "approve" ? [data.repositoryId] : [],
    ),
  );
  for (const lane of view.lanes) checkLane(view, lane, outside, approved.has(lane.id) ? 1 : 0);
  const delivered = deliveredTo(view);
  // A commit whose reply was lost is made again, and nothing points to the first.
  const commits = outside.commits.filter(({ owner }) => view.lanes.some((lane) => lane.owner === owner));
  expect(commits.length, "commits").toBeLessThanOrEqual(approved.size + lostReplies);
  if (delivered.length > 0) {
    const opened = outside.requests.flatMap(
      (request) => /^POST .*\/repos\/([^/]+)\/[^/]+\/pulls$/u.exec(request)?.[1] ?? [],
    );
    expect([...new Set(opened)], "pull requests open in the order of the lanes").toEqual(
      delivered.map(({ owner }) => owner),
    );
  }
  // A command of the agent that may change something is begun once, however often its process died.
  const shells = outside.commands.filter(
    ({ command, sandbox }) => sandbox === `run-${id}` && command.startsWith("add "),
  );
  expect(new Set(shells.map(({ execId }) => execId)).size).toBe(shells.length);
}

/** The lanes whose pull requests a run has to have opened: those that are approved, once it is done. */
function deliveredTo({ lanes, mode, state }: RunView): readonly LaneView[] {
  if (state !== "DONE" || modes[mode].product !== "patch_set") return [];
  return lanes.filter(isApproved);
}

/** A lane's commit, branch and pull request are written once, after its approval, and the pull requests of a run link to each other. */
function checkLane(view: RunView, lane: LaneView, outside: OutsideLedger, most: number): void {
  const { owner } = lane;
  const ofLane = <T extends { readonly owner: string }>(list: readonly T[]): readonly T[] =>
    list.filter((entry) => entry.owner === owner);
  const [branches, commits, pulls] = [ofLane(outside.branches), ofLane(outside.commits), ofLane(outside.pulls)];
  expect(branches.length, `branches of ${owner}`).toBeLessThanOrEqual(most);
  expect(pulls.length, `pull requests of ${owner}`).toBeLessThanOrEqual(most);
  const delivered = deliveredTo(view);
  if (!delivered.includes(lane)) return;
  expect(pulls, `pull requests of ${owner}`).toHaveLength(1);
  expect(pulls[0]).toMatchObject({ number: lane.pullRequest?.number, sha: lane.writes.commit });
  expect(branches).toMatchObject([{ name: lane.writes.branch, sha: lane.writes.commit }]);
  expect(commits.map(({ sha }) => sha)).toContain(lane.writes.commit);
  const linked = [...(pulls[0]?.body ?? "").matchAll(/^- (\S+): in any order$/gmu)].map(([, link]) => link);
  const others = delivered.filter((other) => other !== lane);
  expect(linked).toEqual(others.map(({ name, owner: of, pullRequest }) => `${of}/${name}#${pullRequest?.number}`));
}
