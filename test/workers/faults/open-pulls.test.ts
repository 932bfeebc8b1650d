import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { createDatabase } from "../../../worker/db/client.ts";
import type { CommandResult } from "../../../worker/ports/run-host.ts";
import { lookAtOpenPulls, type OpenPullsDeps } from "../../../worker/services/run/look-at-open-pulls.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld } from "../world.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Long before the rows of other tests end, so that none of theirs is due. */
const nowMs = 400 * dayMs;

/** Rows of runs that ended so many days before now, each with an open pull request that is due. */
async function runsWithPulls(agesInDays: readonly number[]): Promise<readonly number[]> {
  const world = await newWorld();
  const ids: number[] = [];
  for (const [index, age] of agesInDays.entries()) {
    const id = Number(await insertRunRow(world, { mode: "implement", finished: true }));
    await env.DB.prepare("update run set has_open_pulls = 1, pulls_due_at_ms = ?, finished_at_ms = ? where id = ?")
      .bind(index + 1, nowMs - age * dayMs, id)
      .run();
    ids.push(id);
  }
  return ids;
}

async function dueInHours(id: number): Promise<number | undefined> {
  const row = await env.DB.prepare("select pulls_due_at_ms due from run where id = ?")
    .bind(id)
    .first<{ due: number }>();
  return row === null ? undefined : (row.due - nowMs) / hourMs;
}

let asked: number[] = [];
let answer: (id: number) => CommandResult = () => ({ ok: true });

function deps(d1: D1Database = env.DB): OpenPullsDeps {
  const runs: OpenPullsDeps["runs"] = {
    command: async (id, _caller, command) => {
      expect(command).toEqual({ kind: "look_at_pulls" });
      asked.push(id);
      return answer(id);
    },
    read: () => Promise.reject(new Error("not read")),
    socket: () => Promise.reject(new Error("no socket")),
    grantedSocket: () => Promise.reject(new Error("no socket")),
  };
  return { db: createDatabase(d1), log: () => undefined, now: () => nowMs, runs };
}

afterEach(async () => {
  // Sweeps of other tests leave these rows alone.
  await env.DB.prepare("update run set has_open_pulls = 0 where finished_at_ms <= ?").bind(nowMs).run();
  asked = [];
  answer = () => ({ ok: true });
});

test("a sweep asks for twenty runs at most, the longest due first, and a next one for the rest", async () => {
  const ids = await runsWithPulls(Array.from({ length: 25 }, () => 0));
  await lookAtOpenPulls(deps());
  expect(asked).toEqual(ids.slice(0, 20));
  await lookAtOpenPulls(deps());
  expect(asked).toEqual(ids);
  await lookAtOpenPulls(deps());
  expect(asked, "none is due").toHaveLength(25);
});

test("the older a run is, the rarer it is asked for: every six hours first, once a week at last", async () => {
  const ids = await runsWithPulls([0, 1, 4, 28, 300]);
  await lookAtOpenPulls(deps());
  expect(await Promise.all(ids.map(dueInHours))).toEqual([6, 6, 24, 168, 168]);
});

test("a look that fails is made again after an hour, and keeps no other run from its own", async () => {
  const [refused = 0, broken = 0, fine = 0] = await runsWithPulls([0, 0, 0]);
  answer = (id) => {
    if (id === broken) throw new Error("the object does not answer");
    return id === refused ? { ok: false, code: "unavailable", detail: "The forge could not be asked." } : { ok: true };
  };
  await lookAtOpenPulls(deps());
  expect(asked).toHaveLength(3);
  expect(await Promise.all([refused, broken, fine].map(dueInHours))).toEqual([1, 1, 6]);
});

test("a sweep finds its runs by an index", async () => {
  await runsWithPulls([0, 0, 0]);
  const { d1, sent } = countedD1(env.DB);
  await lookAtOpenPulls(deps(d1));
  expect(asked).toHaveLength(3);
  for (const query of sent) {
    const plan = await queryPlan(env.DB, query);
    expect(plan).not.toMatch(/\bSCAN\b|TEMP B-TREE/u);
    if (query.startsWith("select")) expect(plan).toContain("run_open_pulls");
  }
});
