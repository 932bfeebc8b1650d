import { describe, expect, test } from "vitest";
import type { NewRunEvent, RunEvent } from "../../../contracts/run-events.ts";
import type { ModelCall } from "../../../contracts/run.ts";
import { sumWords, totalsOf } from "../../../web/features/run/cost/totals.ts";
import { runLimitReached } from "../../../domain/run/next.ts";
import { budgetOf, waitsForBudget } from "../../../web/features/run/model/budget.ts";
import { historyOf } from "../../../web/features/run/model/history.ts";
import { emptyRunPage, reduce } from "../../../web/features/run/reduce.ts";
import { dollarsOf, plainDollars, readDollars } from "../../../web/lib/dollars.ts";
import { formatCost } from "../../../web/lib/format.ts";
import { sampleRun } from "./sample-run.ts";

const ada = { kind: "person", id: "1", name: "Ada", avatarUrl: null } as const;

function turn(costMicros: number | null): NewRunEvent {
  const finished = sampleRun().find((event) => event.type === "turn.finished");
  if (finished?.type !== "turn.finished") throw new Error("the sample has no turn");
  return { type: "turn.finished", data: { ...finished.data, costMicros } };
}

function limit(costMicros: number | null): NewRunEvent {
  return {
    type: "limits.set",
    data: { costMicros, wallTimeMs: null, stageTurns: null, stageWallTimeMs: null, by: ada },
  };
}

const warned: NewRunEvent = { type: "budget.warned", data: { spentMicros: 1, limitMicros: 2 } };

/** The page after the sample's first two events and these. */
function pageAfter(...more: readonly NewRunEvent[]) {
  const start = sampleRun().slice(0, 2);
  const rest: RunEvent[] = more.map((event, index) => ({ ...event, seq: index + 3, atMs: index + 3, v: 1 }));
  return reduce(emptyRunPage, { t: "events", events: [...start, ...rest] });
}

/** The domain's view after these. */
function viewAfter(...more: readonly NewRunEvent[]) {
  return pageAfter(...more).view;
}

describe("budget", () => {
  test("there is none without a limit, and none again once it is lifted", () => {
    expect(budgetOf(viewAfter(turn(700)))).toBeNull();
    expect(budgetOf(viewAfter(limit(1000), limit(null)))).toBeNull();
  });

  test("runs low from 80 % on, or when the run says so, and is used up at the limit", () => {
    expect(budgetOf(viewAfter(limit(1000), turn(799)))).toEqual({
      limitMicros: 1000,
      spentMicros: 799,
      share: 0.799,
      tone: "ok",
    });
    expect(budgetOf(viewAfter(limit(1000), turn(800)))).toMatchObject({ tone: "low" });
    expect(budgetOf(viewAfter(limit(1000), turn(100), warned))).toMatchObject({ tone: "low" });
    expect(budgetOf(viewAfter(limit(1000), turn(600), turn(400)))).toMatchObject({ tone: "used", share: 1 });
    expect(budgetOf(viewAfter(limit(1000), turn(1400)))).toMatchObject({ tone: "used", share: 1, spentMicros: 1400 });
  });

  test("raising it takes the warning back", () => {
    expect(budgetOf(viewAfter(limit(1000), turn(900), warned, limit(10_000)))).toMatchObject({
      tone: "ok",
      share: 0.09,
    });
  });

  test("a call of unknown cost uses it up, as it does for the engine: the sum is unknown", () => {
    const view = viewAfter(limit(1000), turn(5), turn(null), turn(5));
    expect(view.costMicros).toBeNull();
    expect(runLimitReached(view, 0)).toBeDefined();
    expect(budgetOf(view)).toEqual({ limitMicros: 1000, spentMicros: null, share: null, tone: "used" });
  });

  test("only a stopped run waits for it", () => {
    const used = viewAfter(limit(1000), turn(1000));
    expect(waitsForBudget("NEEDS_HUMAN", used)).toBe(true);
    expect(waitsForBudget("CODING", used)).toBe(false);
    expect(waitsForBudget("NEEDS_HUMAN", viewAfter(turn(1000)))).toBe(false);
    expect(waitsForBudget("NEEDS_HUMAN", viewAfter(limit(1000), turn(1000), limit(2000)))).toBe(false);
  });
});

describe("prompts", () => {
  const resolved = (stage: "coder" | "reviewer", attempt: number, text: string): NewRunEvent => ({
    type: "prompt.resolved",
    data: { stage, attempt, hash: "e".repeat(64), parts: [{ layer: "tenant", source: "lime-labs", text }] },
  });

  test("each attempt of each stage keeps its newest prompt", () => {
    const { log } = pageAfter(
      resolved("coder", 1, "one"),
      resolved("reviewer", 1, "two"),
      resolved("coder", 1, "three"),
      resolved("coder", 2, "four"),
    );
    expect(historyOf(log).prompts.map(({ stage, attempt, parts }) => [stage, attempt, parts[0]?.text])).toEqual([
      ["reviewer", 1, "two"],
      ["coder", 1, "three"],
      ["coder", 2, "four"],
    ]);
  });
});

describe("dollars", () => {
  test.each([
    ["5", 5_000_000],
    [" $0.25 ", 250_000],
    ["0.000001", 1],
    ["10000", 10_000_000_000],
  ])("reads %j", (typed, micros) => {
    expect(readDollars(typed)).toEqual({ micros });
  });

  test.each(["", "five", "-1", "1,5", "1e3", "0x10", ".5", "5.", "0", "0.0000001", "10000.01", "Infinity"])(
    "refuses %j and says why",
    (typed) => {
      expect(readDollars(typed)).toEqual({ problem: expect.stringMatching(/\w/) });
    },
  );

  test("refuses a limit that is spent already", () => {
    expect(readDollars("0.25", 250_000)).toEqual({ problem: expect.stringContaining("$0.25") });
    expect(readDollars("0.250001", 250_000)).toEqual({ micros: 250_001 });
  });

  test("shows an amount so that it can be read back", () => {
    for (const micros of [1, 4213, 10_000, 250_000, 1_500_000, 5_000_000, 10_000_000_000]) {
      expect(readDollars(plainDollars(micros))).toEqual({ micros });
    }
    expect(dollarsOf(1_500_000)).toBe("$1.50");
    expect(dollarsOf(4213)).toBe("$0.004213");
  });
});

describe("totals of model calls", () => {
  const call = (fields: Partial<ModelCall>): ModelCall => ({
    callId: "1",
    stage: "coder",
    turn: 1,
    provider: "anthropic",
    model: "model-1",
    startedAtMs: 1,
    latencyMs: 10,
    inputTokens: 10,
    cacheReadTokens: 80,
    cacheWriteTokens: 10,
    outputTokens: 5,
    costMicros: 400_000,
    isEstimate: false,
    vendorRequestId: null,
    ...fields,
  });

  test("adds up what is known and counts what is not", () => {
    const calls = [call({}), call({ costMicros: null, cacheReadTokens: null, latencyMs: 5 })];
    const totals = totalsOf(calls);
    expect(totals).toMatchObject({
      costMicros: { known: 400_000, unknown: 1 },
      inputTokens: { known: 20, unknown: 0 },
      cacheReadTokens: { known: 80, unknown: 1 },
      latencyMs: 15,
      cacheShare: 0.8,
    });
    expect(sumWords(totals.costMicros, calls.length, formatCost)).toBe("at least $0.40");
  });

  test("never calls an unknown cost zero", () => {
    const calls = [call({ costMicros: null })];
    expect(sumWords(totalsOf(calls).costMicros, 1, formatCost)).toBe("unknown");
    expect(sumWords(totalsOf([call({ costMicros: 0 })]).costMicros, 1, formatCost)).toBe("$0");
  });

  test("tells no cache share where no call tells its tokens", () => {
    expect(totalsOf([call({ inputTokens: null })]).cacheShare).toBeNull();
    expect(totalsOf([call({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 })]).cacheShare).toBeNull();
  });
});
