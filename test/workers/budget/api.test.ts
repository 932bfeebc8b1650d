import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { projectBudgetSchema } from "../../../contracts/budget.ts";
import { runSchema } from "../../../contracts/run.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { budgetHost } from "../../../worker/hosts.ts";
import { createDeps, createTestApi, testConfig } from "../app.ts";
import { auditOf } from "../client.ts";
import { memoryHost } from "../memory-host.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

const account = budgetHost(env.BOARDS);
const atMs = Date.UTC(2026, 10, 5, 12);
let world: World;
let path: string;

beforeEach(async () => {
  world = await newWorld();
  world.client.api = createTestApi(env.DB, testConfig, { now: () => atMs });
  path = `/api/projects/${world.project.id}/budget`;
});

const spend = async (micros: number, more: { readonly day?: string; readonly unpriced?: number } = {}) =>
  account.settle({
    tenantId: Number(world.me.activeTenantId),
    projectId: Number(world.project.id),
    runId: Number(await insertRunRow(world)),
    days: { [more.day ?? "2026-11-05"]: { micros, unpricedCalls: more.unpriced ?? 0 } },
    atMs,
    canWarn: false,
  });
const set = (body: unknown) => world.client.ask(projectBudgetSchema, 200, "PUT", path, body);
const read = () => world.client.ask(projectBudgetSchema, 200, "GET", path);

describe("a project's budget", () => {
  test("is none at first, and shows twelve months without a gap", async () => {
    await spend(7_000, { day: "2026-08-31" });
    await spend(500, { day: "2025-11-30" });
    const budget = await read();
    expect(budget).toMatchObject({
      monthBudgetMicros: null,
      runLimits: {},
      now: { month: "2026-11", spentMicros: 0, state: "none", endsAtMs: Date.UTC(2026, 11, 1) },
    });
    expect(budget.months.map(({ month }) => month)).toEqual([
      "2026-11",
      "2026-10",
      "2026-09",
      "2026-08",
      "2026-07",
      "2026-06",
      "2026-05",
      "2026-04",
      "2026-03",
      "2026-02",
      "2026-01",
      "2025-12",
    ]);
    expect(budget.months[3]).toEqual({ month: "2026-08", spentMicros: 7_000, unpricedCalls: 0 });
    expect(budget.months.reduce((sum, { spentMicros }) => sum + spentMicros, 0)).toBe(7_000);
  });

  test("runs low, is used up, and goes on when raised; each change is on record", async () => {
    await set({ monthBudgetMicros: 1_000 });
    await spend(799);
    expect((await read()).now.state).toBe("ok");
    await spend(1);
    expect((await read()).now).toMatchObject({ spentMicros: 800, state: "low" });
    await spend(200);
    expect((await read()).now.state).toBe("used");
    expect((await set({ monthBudgetMicros: 2_000 })).now.state).toBe("ok");
    expect((await set({ monthBudgetMicros: null })).now.state).toBe("none");
    expect(
      (await auditOf(world.me.activeTenantId)).filter(({ action }) => action === "project.budget_set"),
    ).toHaveLength(3);
  });

  test("can't be kept after a call of unknown cost, until it is set anew", async () => {
    await set({ monthBudgetMicros: 1_000 });
    await spend(10, { unpriced: 2 });
    expect((await read()).now).toMatchObject({ state: "unknown", unpricedCalls: 2, unpricedSinceSet: 2 });
    await set({ runLimits: { costMicros: 500 } });
    expect((await read()).now.state).toBe("unknown");
    expect((await set({ monthBudgetMicros: 1_000 })).now).toMatchObject({
      state: "ok",
      unpricedCalls: 2,
      unpricedSinceSet: 0,
    });
  });

  test.each([
    [{}, "body"],
    [{ monthBudgetMicros: -1 }, "monthBudgetMicros"],
    [{ monthBudgetMicros: 0.5 }, "monthBudgetMicros"],
    [{ monthBudgetMicros: 1_000_000_000_001 }, "monthBudgetMicros"],
    [{ monthBudgetMicros: "5" }, "monthBudgetMicros"],
    [{ runLimits: { stageTurns: 0 } }, "runLimits.stageTurns"],
    [{ runLimits: { stageTurns: 201 } }, "runLimits.stageTurns"],
    [{ runLimits: { stageWallTimeMs: 10 } }, "runLimits.stageWallTimeMs"],
    [{ runLimits: { turns: 5 } }, "runLimits.turns"],
  ])("refuses %j and changes nothing", async (body, at) => {
    const before = await read();
    const problem = await world.client.problem("PUT", path, body);
    expect(problem.code).toBe("invalid_request");
    expect(problem.issues?.map((issue) => issue.path)).toEqual([at]);
    expect(await read()).toEqual(before);
  });

  test("gives its runs the project's limits where the request leaves them open", async () => {
    await set({ runLimits: { costMicros: 500, wallTimeMs: 60_000, stageTurns: 20 } });
    world.client.api = createTestApi(env.DB, testConfig, {
      now: () => atMs,
      runs: memoryHost(createDatabase(env.DB)),
    });
    const start = (limits?: object) =>
      world.client.ask(runSchema, 201, "POST", "/api/runs", {
        projectId: world.project.id,
        repositoryId: world.repository.id,
        mode: "implement",
        model: "claude-test",
        prompt: "Do it",
        ...(limits === undefined ? {} : { limits }),
      });
    const rows = await Promise.all([start(), start({ costMicros: null, stageTurns: 7, stageWallTimeMs: 90_000 })]);
    const limits = new Map(
      (
        await env.DB.prepare(
          "select id, limit_cost_micros, limit_wall_time_ms, limit_stage_turns, limit_stage_wall_time_ms from run where project_id = ?",
        )
          .bind(Number(world.project.id))
          .raw()
      ).map(([id, ...rest]) => [String(id), rest]),
    );
    expect(limits.get(rows[0].id)).toEqual([500, 60_000, 20, null]);
    expect(limits.get(rows[1].id)).toEqual([null, 60_000, 7, 90_000]);
  });

  test("holds back a resume that would stop at once, and names what helps", async () => {
    await set({ monthBudgetMicros: 1_000 });
    await spend(1_000);
    await env.DB.prepare("update run set state = 'NEEDS_HUMAN', stage = 'coder' where id = ?")
      .bind(Number(world.runId))
      .run();
    let resumed = 0;
    const { runs } = createDeps(env.DB);
    world.client.api = createTestApi(env.DB, testConfig, {
      now: () => atMs,
      runs: {
        ...runs,
        command: async (_runId, _caller, { kind }) => {
          if (kind === "resume") resumed += 1;
          return { ok: true };
        },
      },
    });
    const problem = await world.client.problem("POST", `/api/runs/${world.runId}/resume`);
    expect(problem).toMatchObject({
      code: "run_not_waiting",
      detail: expect.stringContaining("Lime's budget of $0.001 for November 2026 is used up"),
    });
    expect(resumed).toBe(0);
    await set({ monthBudgetMicros: 2_000 });
    await world.client.ask(runSchema, 200, "POST", `/api/runs/${world.runId}/resume`);
    expect(resumed).toBe(1);
  });
});
