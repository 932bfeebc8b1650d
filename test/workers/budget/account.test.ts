import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { budgetHost } from "../../../worker/hosts.ts";
import type { CallReservation } from "../../../worker/ports/budget.ts";
import { systemCaller } from "../../../worker/ports/run-host.ts";
import { Account } from "../../fakes/account.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

const atMs = Date.UTC(2026, 10, 5, 12);
const budget = budgetHost(env.BOARDS);
let world: World;
let runs: readonly number[];

beforeEach(async () => {
  world = await newWorld();
  runs = await Promise.all(Array.from({ length: 10 }, async () => Number(await insertRunRow(world))));
});

async function setLimit(micros: number | null, at = atMs): Promise<void> {
  const place = { tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) };
  expect(await budget.set(place, systemCaller("test"), { monthBudgetMicros: micros }, at)).toBe(true);
}

function call(run: number, more: Partial<CallReservation> = {}): CallReservation {
  return {
    tenantId: Number(world.me.activeTenantId),
    projectId: Number(world.project.id),
    runId: runs[run] ?? 0,
    days: {},
    atMs,
    canWarn: true,
    callId: `call-${run}`,
    micros: 100,
    ...more,
  };
}

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const spent = (micros: number, unpricedCalls = 0, day = "2026-11-05") => ({ [day]: { micros, unpricedCalls } });

describe("a project's money in its object", () => {
  test("ten runs at once overspend a small budget by one call at most, and every cent is counted", async () => {
    await setLimit(1_000);
    const cost = 90;
    const most = 100;
    let underWay = 0;
    const busiest: number[] = [];
    const live = async (run: number): Promise<number> => {
      let total = 0;
      for (let turn = 0; turn < 500; turn += 1) {
        const answer = await budget.reserve(call(run, { callId: `${run}.${turn}`, micros: most, days: spent(total) }));
        if (!answer.admitted) {
          if ((answer.month?.spentMicros ?? 0) >= 1_000) return total;
          await pause(3);
          continue;
        }
        underWay += 1;
        busiest.push(underWay);
        await pause(Math.random() * 4);
        underWay -= 1;
        total += cost;
      }
      throw new Error(`run ${run} never came to an end`);
    };
    const totals = await Promise.all(runs.map((_, run) => live(run)));
    const sum = totals.reduce((all, total) => all + total, 0);
    expect(Math.max(...busiest)).toBeGreaterThan(1);
    expect(sum).toBeGreaterThanOrEqual(1_000);
    expect(sum).toBeLessThan(1_000 + cost);
    const { month } = await budget.settle(call(0, { days: spent(totals[0] ?? 0) }));
    expect(month).toMatchObject({ spentMicros: sum, reservedMicros: 0 });
  });

  test("agrees with its double in the simulation", async () => {
    const double = new Account();
    for (const [step, limit] of [null, 400, 400, 300, 1_000, 0].entries()) {
      await setLimit(limit);
      double.limitMicros = limit;
      const asked = call(0, { callId: `s${step}`, micros: 50, days: spent(step * 80) });
      const [real, copy] = [await budget.reserve(asked), double.reserve(asked)];
      expect(real).toEqual({ ...copy, warns: real.warns, month: { ...copy.month, project: world.project.name } });
      expect(real.admitted).toBe(copy.admitted);
    }
  });

  test("another tenant's project is none: nothing is charged or reserved", async () => {
    const stranger = await newWorld();
    const foreign = { tenantId: Number(stranger.me.activeTenantId), days: spent(500) };
    expect(await budget.reserve(call(0, foreign))).toEqual({ month: undefined, warns: false, admitted: false });
    expect((await budget.settle(call(1))).month).toMatchObject({ spentMicros: 0, reservedMicros: 0 });
  });

  test("a crashed run's reservation is replaced by its spend at its next reservation", async () => {
    await setLimit(1_000);
    await budget.reserve(call(0, { callId: "lost", micros: 400 }));
    const answer = await budget.reserve(call(0, { callId: "next", micros: 400, days: spent(350) }));
    expect(answer).toMatchObject({ admitted: true, month: { spentMicros: 350, reservedMicros: 0 } });
  });
});
