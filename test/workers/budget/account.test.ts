import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { utcDay } from "../../../domain/budget/calendar.ts";
import { admitsCall } from "../../../domain/budget/month.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import type { CallReservation } from "../../../worker/ports/budget.ts";
import { createBudget } from "../../../worker/services/budget/project-money.ts";
import { Account } from "../../fakes/account.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

const atMs = Date.UTC(2026, 10, 5, 12);
const budget = createBudget(createDatabase(env.DB));
let world: World;
let runs: readonly number[];

beforeEach(async () => {
  world = await newWorld();
  runs = await Promise.all(Array.from({ length: 10 }, async () => Number(await insertRunRow(world))));
});

async function setLimit(micros: number | null): Promise<void> {
  await env.DB.prepare("update project set month_budget_micros = ? where id = ?")
    .bind(micros, Number(world.project.id))
    .run();
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

describe("a project's money in D1", () => {
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

  test("spend that is reported twice or late is charged once", async () => {
    for (const micros of [50, 50, 120, 80, 120]) await budget.settle(call(0, { days: spent(micros) }));
    await budget.settle(call(1, { days: { ...spent(7), ...spent(5, 1, "2026-10-31") } }));
    expect((await budget.settle(call(2))).month).toMatchObject({ spentMicros: 127, unpricedCalls: 0 });
    const october = await budget.settle(call(2, { atMs: Date.UTC(2026, 9, 31) }));
    expect(october.month).toMatchObject({ month: "2026-10", spentMicros: 5, unpricedCalls: 1 });
  });

  test("a run holds one reservation, its next one replaces it, and settling gives it back", async () => {
    await setLimit(1_000);
    await budget.reserve(call(0, { callId: "a", micros: 600 }));
    await budget.reserve(call(0, { callId: "b", micros: 700 }));
    expect((await budget.reserve(call(1))).month?.reservedMicros).toBe(700);
    expect((await budget.settle(call(0))).month?.reservedMicros).toBe(100);
    expect((await budget.settle(call(1))).month?.reservedMicros).toBe(0);
  });

  test("a reservation of a run that has gone does not hold the others for ever", async () => {
    await setLimit(1_000);
    await budget.reserve(call(0, { micros: 1_000 }));
    expect((await budget.reserve(call(1, { atMs: atMs + 600_000 }))).admitted).toBe(false);
    expect((await budget.reserve(call(1, { atMs: atMs + 3_600_001 }))).admitted).toBe(true);
  });

  test("admits by the domain's rule, whatever the figures are", async () => {
    const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(Math.random() * values.length)] ?? values[0];
    for (let round = 0; round < 40; round += 1) {
      const limit = pick([null, 0, 100, 250, 251]);
      await setLimit(limit);
      // Each round has a month of its own.
      const at = { atMs: Date.UTC(2020, round, 5) };
      const days = spent(pick([0, 50, 150, 250]), pick([0, 0, 0, 1]), utcDay(at.atMs));
      await budget.settle(call(0, { ...at, days }));
      await budget.reserve(call(1, { ...at, callId: `o${round}`, micros: pick([1, 100]) }));
      const micros = pick([null, 0, 10, 300]);
      const { admitted, month } = await budget.reserve(call(2, { ...at, callId: `r${round}`, micros }));
      if (month === undefined) throw new Error("no such project");
      expect({ ...month, micros, admitted }).toEqual({ ...month, micros, admitted: admitsCall(month, micros) });
    }
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

  test("warns one run that four fifths are spent, again when the reply was lost, and anew when the budget is set", async () => {
    await setLimit(1_000);
    expect((await budget.settle(call(0, { days: spent(799) }))).warns).toBe(false);
    expect((await budget.settle(call(1, { canWarn: false, days: spent(1) }))).warns).toBe(false);
    expect((await budget.settle(call(2))).warns).toBe(true);
    expect((await budget.reserve(call(3))).warns).toBe(false);
    expect((await budget.settle(call(2))).warns).toBe(true);
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
