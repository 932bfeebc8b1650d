import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { projectBudgetSchema, type ProjectBudget } from "../../../contracts/budget.ts";
import { budgetHost } from "../../../worker/hosts.ts";
import type { BudgetPort, CallReservation, RunSpending } from "../../../worker/ports/budget.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { createMoneyRecord } from "../../../worker/services/budget/money-record.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";
import { objectDatabase } from "./d1-faults.ts";
import { resetOutside, until } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";

const budget = budgetHost(env.BOARDS);
let world: World;

beforeEach(async () => {
  world = await newWorld();
});
afterEach(() => {
  objectDatabase.heal();
});

const today = (): string => new Date().toISOString().slice(0, 10);
const spent = (micros: number, unpricedCalls = 0) => ({ [today()]: { micros, unpricedCalls } });
const place = () => ({ tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) });
const newRun = async (): Promise<number> => Number(await insertRunRow(world));

function spending(runId: number, micros: number, canWarn = true): RunSpending {
  return { ...place(), runId, days: spent(micros), atMs: Date.now(), canWarn };
}

function call(runId: number, more: Partial<CallReservation> = {}): CallReservation {
  return { ...spending(runId, 0), callId: `call-${runId}`, micros: 100, ...more };
}

const path = () => `/api/projects/${world.project.id}/budget`;
const page = (): Promise<ProjectBudget> => world.client.ask(projectBudgetSchema, 200, "GET", path());
const setLimit = (micros: number | null): Promise<ProjectBudget> =>
  world.client.ask(projectBudgetSchema, 200, "PUT", path(), { monthBudgetMicros: micros });

/** The month's and the runs' sums in D1. */
async function inD1(): Promise<readonly (number | null)[]> {
  const one = async (query: string): Promise<number | null> =>
    (await env.DB.prepare(query).bind(Number(world.project.id)).first<{ n: number | null }>())?.n ?? null;
  return [
    await one("select sum(spent_micros) as n from budget_month where project_id = ?"),
    await one("select sum(spent_micros) as n from budget_day where project_id = ?"),
  ];
}

const object = () => env.BOARDS.getByName(`board:${world.project.id}`);
const fireAlarm = (): Promise<boolean> => runDurableObjectAlarm(object());

/** The number of reservations that the object holds. */
const held = (): Promise<number> =>
  runInDurableObject(
    object(),
    (_object, state) => state.storage.sql.exec("select * from money_reservation").toArray().length,
  );

/** Asks again where the object was replaced meanwhile, as a run does. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      return await work();
    } catch {
      continue;
    }
  }
  return work();
}

interface Spending {
  /** What a call costs, what a call may cost at most, and the month's budget, in micros. */
  readonly cost: number;
  readonly most: number;
  readonly limit: number;
  /** Is called once each call is settled, while the other runs' calls go on. */
  readonly settled?: () => Promise<void>;
}

/** Runs share the budget until it is used up; answers what each spent. */
async function spendAll(
  port: BudgetPort,
  runs: readonly number[],
  { cost, limit, most, settled }: Spending,
): Promise<readonly number[]> {
  return Promise.all(
    runs.map(async (runId) => {
      let total = 0;
      for (let turn = 0; turn < 5_000; turn += 1) {
        const asked = { ...call(runId, { callId: `${runId}.${turn}`, micros: most }), days: spent(total) };
        const { admitted, month } = await persist(() => port.reserve(asked));
        if (admitted) {
          await scheduler.wait(Math.random() * 10);
          total += cost;
          await persist(() => port.settle(spending(runId, total)));
          await settled?.();
        } else if ((month?.spentMicros ?? 0) >= limit) return total;
        else await scheduler.wait(5 + Math.random() * 10);
      }
      throw new Error(`run ${runId} never came to an end`);
    }),
  );
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe("a project's money", () => {
  test("is overspent by one call at most by a hundred runs at once, and the page shows every cent", async () => {
    const limit = 20_000;
    await setLimit(limit);
    const runs = await Promise.all(Array.from({ length: 100 }, newRun));
    const sum = sumOf(await spendAll(budget, runs, { cost: 90, limit, most: 100 }));
    expect(sum).toBeGreaterThanOrEqual(limit);
    expect(sum).toBeLessThan(limit + 100);
    expect((await page()).now).toMatchObject({ spentMicros: sum, reservedMicros: 0, state: "used" });
  });

  test("survives its object's death amid calls: nothing charged is lost, no reservation stays, and D1 follows", async () => {
    const limit = 5_000;
    await setLimit(limit);
    const runs = await Promise.all(Array.from({ length: 12 }, newRun));
    let [calls, kills] = [0, 0];
    const settled = async (): Promise<void> => {
      calls += 1;
      if (calls % 5 > 0) return;
      await abortAllDurableObjects();
      kills += 1;
    };
    const totals = await spendAll(budget, runs, { cost: 90, limit, most: 100, settled });
    expect(kills).toBeGreaterThan(5);
    const sum = sumOf(totals);
    expect(sum).toBeLessThan(limit + 100);
    expect((await page()).now).toMatchObject({ spentMicros: sum, reservedMicros: 0 });
    expect(await held()).toBe(0);
    await fireAlarm();
    expect(await inD1()).toEqual([sum, sum]);
  });

  test("asks D1 for no call, and its sums reach D1 in one batch", async () => {
    const [first, second] = [await newRun(), await newRun()];
    await budget.settle(spending(first, 10));
    await fireAlarm();
    objectDatabase.failAt(Number.POSITIVE_INFINITY, "fails");
    for (let turn = 1; turn <= 50; turn += 1)
      for (const runId of [first, second]) {
        await budget.reserve({ ...call(runId, { callId: `${runId}.${turn}` }), days: spent(turn * 10) });
        await budget.settle(spending(runId, turn * 10 + 5));
      }
    expect(objectDatabase.heal()).toBe(0);
    objectDatabase.failAt(Number.POSITIVE_INFINITY, "fails");
    await fireAlarm();
    expect(objectDatabase.heal()).toBe(1);
    expect(await inD1()).toEqual([1_010, 1_010]);
    expect(await fireAlarm(), "nothing is left to write").toBe(false);
  });

  test("of a whole run is written to D1 once, after its end, and its page has shown it before", async () => {
    await resetOutside();
    const runs = await RunWorld.make();
    const board = env.BOARDS.getByName(`board:${runs.projectId}`);
    const shown = (): Promise<ProjectBudget> =>
      runs.client.ask(projectBudgetSchema, 200, "GET", `/api/projects/${runs.projectId}/budget`);
    expect((await shown()).now.spentMicros).toBe(0);
    objectDatabase.failAt(Number.POSITIVE_INFINITY, "fails", { match: /budget_/u });
    const { id } = await runs.start("note-money");
    await runs.reaches(id, ["WAITING_APPROVAL"]);
    expect((await runs.events(id)).filter(({ type }) => type === "turn.finished").length).toBeGreaterThan(2);
    const { costMicros } = await runs.run(id);
    expect(costMicros).toBeGreaterThan(0);
    expect((await shown()).now).toMatchObject({ spentMicros: costMicros, reservedMicros: 0 });
    expect(objectDatabase.heal()).toBe(0);
    objectDatabase.failAt(Number.POSITIVE_INFINITY, "fails", { match: /budget_/u });
    await runDurableObjectAlarm(board);
    expect(objectDatabase.heal()).toBe(1);
  });

  test.each(["fails", "loses its reply"] as const)(
    "goes on while D1 %s, and its sums are there afterwards, once",
    async (fault) => {
      await setLimit(10_000);
      const runId = await newRun();
      objectDatabase.failAt(1, fault, { times: 1_000 });
      for (let turn = 1; turn <= 20; turn += 1) {
        expect(await budget.reserve({ ...call(runId), days: spent(turn * 10 - 10) })).toMatchObject({ admitted: true });
        await budget.settle(spending(runId, turn * 10));
        if (turn % 5 === 0) await fireAlarm();
      }
      expect(objectDatabase.heal(), "it was tried").toBeGreaterThan(2);
      await fireAlarm();
      expect(await inD1()).toEqual([200, 200]);
    },
  );

  test("reaches D1 within seconds of a run's end, by itself", async () => {
    const runId = await newRun();
    await budget.settle(spending(runId, 70));
    await budget.settle(spending(runId, 70, false));
    expect(await until(async () => ((await inD1())[0] === 70 ? true : undefined), 5_000)).toBe(true);
  });

  test("begins with what D1 has: sums by month and run, limit, and calls under way", async () => {
    const [old, other] = [await newRun(), await newRun()];
    const { projectId, tenantId } = place();
    const insert = (query: string, ...values: readonly (number | string)[]): D1PreparedStatement =>
      env.DB.prepare(query).bind(...values);
    await env.DB.batch([
      insert("update project set month_budget_micros = 1000 where id = ?", projectId),
      insert("insert into budget_month values (?, ?, ?, 300, 3, 3, null)", projectId, today().slice(0, 7), tenantId),
      insert("insert into budget_day values (?, ?, ?, ?, 300, 3)", old, today(), tenantId, projectId),
      insert("insert into budget_reservation values (?, ?, ?, 'a', 650, ?)", old, tenantId, projectId, Date.now()),
      insert(
        "insert into budget_reservation values (?, ?, ?, 'b', 900, ?)",
        other,
        tenantId,
        projectId,
        Date.now() - 3_600_001,
      ),
    ]);
    const third = await newRun();
    expect((await page()).now).toMatchObject({ spentMicros: 300, unpricedCalls: 3, reservedMicros: 650, state: "ok" });
    expect(await budget.reserve(call(third))).toMatchObject({ admitted: true, month: { limitMicros: 1_000 } });
    // The run reports what it had reported before, and a call more.
    await budget.settle({ ...spending(old, 0), days: spent(310, 3) });
    expect((await page()).now).toMatchObject({ spentMicros: 310, unpricedSinceSet: 0, reservedMicros: 100 });
    await fireAlarm();
    expect(await inD1()).toEqual([310, 310]);
  });

  test("is read and written in D1 by indexes", async () => {
    const { d1, sent } = countedD1(env.DB);
    const record = createMoneyRecord(createDatabase(d1));
    await record.load(place(), Date.now());
    await record.write(place(), [{ runId: await newRun(), day: today(), spend: { micros: 1, unpricedCalls: 0 } }]);
    expect(sent.length).toBe(7);
    for (const query of sent) expect(await queryPlan(env.DB, query)).not.toMatch(/\bSCAN\b/u);
  });

  test("takes a budget whose reply from D1 was lost, and none that D1 refused", async () => {
    await setLimit(1_000);
    const runId = await newRun();
    await budget.settle(spending(runId, 600));
    for (const [fault, isTaken] of [
      ["fails", false],
      ["loses its reply", true],
    ] as const) {
      objectDatabase.failAt(1, fault, { match: /^update "project"/u });
      expect((await world.client.send("PUT", path(), { monthBudgetMicros: 500 })).status).toBe(500);
      objectDatabase.heal();
      await fireAlarm();
      expect((await budget.reserve(call(runId))).admitted, fault).toBe(!isTaken);
    }
    expect((await page()).monthBudgetMicros).toBe(500);
  });

  test("is forgotten with its project, and its runs are told", async () => {
    const runId = await newRun();
    await budget.settle(spending(runId, 5));
    await env.DB.prepare("delete from run where project_id = ?").bind(place().projectId).run();
    await env.DB.prepare("delete from project where id = ?").bind(place().projectId).run();
    await fireAlarm();
    expect(await budget.reserve(call(runId))).toEqual({ admitted: false, month: undefined, warns: false });
    expect(
      await runInDurableObject(object(), (_object, state) =>
        state.storage.sql.exec("select * from money_day").toArray(),
      ),
    ).toEqual([]);
  });

  test("is another tenant's nothing, whether or not its object is known yet", async () => {
    const stranger = await newWorld();
    const foreign = { tenantId: Number(stranger.me.activeTenantId) };
    const nothing = { admitted: false, month: undefined, warns: false };
    const runId = await newRun();
    expect(await budget.reserve({ ...call(runId), ...foreign })).toEqual(nothing);
    await budget.settle(spending(runId, 5));
    expect(await budget.reserve({ ...call(runId), ...foreign, days: spent(500) })).toEqual(nothing);
    expect(await budget.read({ ...place(), ...foreign }, Date.now())).toBeUndefined();
    expect((await page()).now.spentMicros).toBe(5);
  });
});
