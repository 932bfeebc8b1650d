import { describe, expect, test } from "vitest";
import { waitsForTime } from "../../../web/features/run/model/budget.ts";
import { limitsInWords, noLimits, readLimits, setLimitsOnly, typedLimits } from "../../../web/lib/limits.ts";
import { monthWords, shareOf } from "../../../web/features/settings/budgets/figures.ts";

const typed = { costMicros: "", wallTimeMs: "", stageTurns: "", stageWallTimeMs: "" };

describe("limits that are typed", () => {
  test("are read, an empty field as none", () => {
    expect(readLimits(typed)).toEqual({ limits: noLimits });
    expect(readLimits({ costMicros: "$2.50", wallTimeMs: "1.5", stageTurns: "20", stageWallTimeMs: "60" })).toEqual({
      limits: { costMicros: 2_500_000, wallTimeMs: 90_000, stageTurns: 20, stageWallTimeMs: 3_600_000 },
    });
  });

  test.each([
    ["costMicros", "five"],
    ["wallTimeMs", "0"],
    ["wallTimeMs", "1e3"],
    ["wallTimeMs", "43201"],
    ["stageTurns", "0"],
    ["stageTurns", "201"],
    ["stageTurns", "2.5"],
    ["stageWallTimeMs", "-1"],
    ["stageWallTimeMs", "10081"],
  ])("say what is wrong with %s %j", (name, text) => {
    expect(readLimits({ ...typed, [name]: text })).toEqual({ problems: { [name]: expect.stringMatching(/\w/) } });
  });

  test("are shown so that they can be read back", () => {
    const limits = { costMicros: 4213, wallTimeMs: 90_000, stageTurns: 7, stageWallTimeMs: 600_000 };
    expect(readLimits(typedLimits(limits))).toEqual({ limits });
    expect(limitsInWords(limits)).toBe("Up to $0.004213, 1.5 min, 7 turns a stage, 10 min a stage");
    expect(limitsInWords(noLimits)).toBeNull();
    expect(setLimitsOnly({ ...limits, costMicros: null })).toEqual({
      wallTimeMs: 90_000,
      stageTurns: 7,
      stageWallTimeMs: 600_000,
    });
  });
});

test("a run waits for time only where it has stopped and its time is up", () => {
  const view = { limits: { ...noLimits, wallTimeMs: 1_000 }, firstStageAtMs: 500 };
  expect(waitsForTime("NEEDS_HUMAN", view, 1_500)).toBe(true);
  expect(waitsForTime("NEEDS_HUMAN", view, 1_499)).toBe(false);
  expect(waitsForTime("NEEDS_HUMAN", { ...view, firstStageAtMs: undefined }, 9_000)).toBe(false);
  expect(waitsForTime("CODING", view, 9_000)).toBe(false);
  expect(waitsForTime("NEEDS_HUMAN", { ...view, limits: noLimits }, 9_000)).toBe(false);
});

test("a month's share and name", () => {
  expect([shareOf(1, null), shareOf(0, 0), shareOf(50, 100), shareOf(200, 100)]).toEqual([0, 1, 0.5, 1]);
  expect(monthWords("2026-11")).toBe("November 2026");
});
