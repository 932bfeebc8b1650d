import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reserve, setLimit, settle, type Call } from "../../../domain/budget/project-money.ts";
import { MemoryMoneyBook } from "../../fakes/money-book.ts";

const atMs = Date.UTC(2026, 10, 5, 12);
const today = "2026-11-05";
const spent = (micros: number, unpricedCalls = 0, day = today) => ({ [day]: { micros, unpricedCalls } });

function call(runId: number, more: Partial<Call> = {}): Call {
  return { runId, days: {}, atMs, canWarn: true, callId: `call-${runId}`, micros: 100, ...more };
}

/** Reports of a few runs on days of two months: each run's sums of a day, which only grow. */
const reports = fc.array(
  fc.record({
    runId: fc.integer({ min: 1, max: 4 }),
    day: fc.constantFrom("2026-10-31", "2026-11-01", today),
    micros: fc.nat(500),
    unpricedCalls: fc.nat(2),
  }),
  { maxLength: 24 },
);

describe("a project's money", () => {
  test("charges each cent once, in whatever order and however often its runs report", () => {
    fc.assert(
      fc.property(reports, fc.array(fc.nat(), { maxLength: 60 }), (all, picks) => {
        const book = new MemoryMoneyBook(null);
        const order = [...picks.flatMap((pick) => all[pick % Math.max(1, all.length)] ?? []), ...all];
        for (const { day, micros, runId, unpricedCalls } of order)
          settle(book, call(runId, { days: spent(micros, unpricedCalls, day) }));
        for (const month of ["2026-10", "2026-11"]) {
          const most = new Map<string, readonly [number, number]>();
          for (const { day, micros, runId, unpricedCalls } of all.filter((each) => each.day.startsWith(month))) {
            const [known, unknown] = most.get(`${runId} ${day}`) ?? [0, 0];
            most.set(`${runId} ${day}`, [Math.max(known, micros), Math.max(unknown, unpricedCalls)]);
          }
          const sums = [...most.values()];
          expect(book.month(month)).toMatchObject({
            spentMicros: sums.reduce((sum, [micros]) => sum + micros, 0),
            unpricedCalls: sums.reduce((sum, [, calls]) => sum + calls, 0),
          });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("is overspent by one call at most, however many runs share it, and whether or not they die and come back", () => {
    const step = fc.record({
      runId: fc.integer({ min: 1, max: 100 }),
      most: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      dies: fc.boolean(),
      waitMs: fc.nat(5_000),
    });
    fc.assert(
      fc.property(fc.nat(2_000), fc.array(step, { maxLength: 300 }), (limitMicros, steps) => {
        const book = new MemoryMoneyBook(limitMicros);
        const runs = new Map<number, { total: number; cost: number | undefined }>();
        let [nowMs, dearest] = [atMs, 0];
        for (const { dies, most, runId, share, waitMs } of steps) {
          nowMs += waitMs;
          const run = runs.get(runId) ?? { total: 0, cost: undefined };
          runs.set(runId, run);
          if (run.cost !== undefined) {
            run.total += run.cost;
            run.cost = undefined;
            // A run that died reports with its next call only: till then its reservation stands for its spend.
            if (!dies) settle(book, call(runId, { atMs: nowMs, days: spent(run.total) }));
            continue;
          }
          const { admitted } = reserve(book, call(runId, { atMs: nowMs, days: spent(run.total), micros: most }));
          if (!admitted) continue;
          run.cost = Math.floor(most * share);
          dearest = Math.max(dearest, run.cost);
        }
        const total = [...runs.values()].reduce((sum, run) => sum + run.total + (run.cost ?? 0), 0);
        expect(total === 0 || total < limitMicros + dearest).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("holds one reservation a run: the next one replaces it, and settling gives it back", () => {
    const book = new MemoryMoneyBook(1_000);
    reserve(book, call(1, { micros: 600 }));
    reserve(book, call(1, { callId: "b", micros: 700 }));
    expect(reserve(book, call(2)).month.reservedMicros).toBe(700);
    expect(settle(book, call(1)).month.reservedMicros).toBe(100);
    expect(settle(book, call(2)).month.reservedMicros).toBe(0);
  });

  test("lets a reservation of a run that has gone go after an hour, and not before", () => {
    const book = new MemoryMoneyBook(1_000);
    reserve(book, call(1, { micros: 1_000 }));
    expect(reserve(book, call(2, { atMs: atMs + 3_599_999 })).admitted).toBe(false);
    expect(reserve(book, call(2, { atMs: atMs + 3_600_000 })).admitted).toBe(true);
    expect([...book.reservations.keys()]).toEqual([2]);
  });

  test("makes no further call once a cost is not known, until the budget is set anew", () => {
    const book = new MemoryMoneyBook(1_000);
    expect(reserve(book, call(1, { micros: null })).admitted).toBe(false);
    expect(reserve(book, call(1, { days: spent(10, 1) }))).toMatchObject({
      admitted: false,
      month: { unpricedCalls: 1 },
    });
    setLimit(book, 1_000, atMs);
    expect(reserve(book, call(1))).toMatchObject({ admitted: true, month: { unpricedCalls: 0 } });
    setLimit(book, null, atMs);
    expect(reserve(book, call(1, { micros: null })).admitted).toBe(true);
  });

  test("begins another month at midnight UTC", () => {
    const book = new MemoryMoneyBook(1_000);
    const last = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
    settle(book, call(1, { atMs: last, days: spent(1_000, 0, "2026-11-30") }));
    expect(reserve(book, call(2, { atMs: last })).admitted).toBe(false);
    expect(reserve(book, call(2, { atMs: last + 1 }))).toMatchObject({
      admitted: true,
      month: { month: "2026-12", spentMicros: 0 },
    });
    settle(book, call(2, { atMs: last + 1, days: spent(7, 0, "2026-11-30") }));
    expect([book.month("2026-11").spentMicros, book.month("2026-12").spentMicros]).toEqual([1_007, 0]);
  });

  test("warns one run that four fifths are spent, again when its answer was lost, and anew when the budget is set", () => {
    const book = new MemoryMoneyBook(1_000);
    expect(settle(book, call(1, { days: spent(799) })).warns).toBe(false);
    expect(settle(book, call(2, { canWarn: false, days: spent(1) })).warns).toBe(false);
    expect([3, 4, 3].map((runId) => settle(book, call(runId)).warns)).toEqual([true, false, true]);
    setLimit(book, 1_000, atMs);
    expect([4, 3].map((runId) => settle(book, call(runId)).warns)).toEqual([true, false]);
  });
});
