import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utcDay } from "../../../domain/budget/calendar.ts";
import { reserve, setLimit, settle, type Call, type MoneyBook } from "../../../domain/budget/project-money.ts";
import { SqliteMoneyBook } from "../../../durable-objects/board/money-book.ts";
import { MemoryMoneyBook } from "../../fakes/money-book.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

const atMs = Date.UTC(2026, 10, 5, 12);
const today = "2026-11-05";
const spent = (micros: number, unpricedCalls = 0, day = today) => ({ [day]: { micros, unpricedCalls } });

function call(runId: number, more: Partial<Call> = {}): Call {
  return { runId, days: {}, atMs, canWarn: true, callId: `call-${runId}`, micros: 100, ...more };
}

/** A book in SQLite, as the project's object has it. */
function sqliteBook(limitMicros: number | null): SqliteMoneyBook {
  const book = new SqliteMoneyBook(createSqlStorage().sql);
  book.open({ project: "Lime", limitMicros, months: [], days: [], reservations: [] });
  return book;
}

describe("a project's money in SQLite", () => {
  test("is the same as in memory, step by step", () => {
    const step = fc.record({
      kind: fc.constantFrom("reserve", "settle", "limit"),
      runId: fc.integer({ min: 1, max: 3 }),
      micros: fc.option(fc.nat(400)),
      spent: fc.nat(400),
      unpricedCalls: fc.constantFrom(0, 0, 0, 1),
      waitMs: fc.constantFrom(0, 1, 1_800_000, 3_600_000, 86_400_000),
      canWarn: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const books = [sqliteBook(1_000), new MemoryMoneyBook(1_000)] as const;
        let nowMs = atMs;
        for (const { canWarn, kind, micros, runId, waitMs, ...more } of steps) {
          nowMs += waitMs;
          const asked = call(runId, {
            atMs: nowMs,
            canWarn,
            micros,
            days: spent(more.spent, more.unpricedCalls, utcDay(nowMs)),
          });
          const act = (book: MoneyBook): unknown => {
            if (kind === "limit") return setLimit(book, micros, nowMs);
            return kind === "reserve" ? reserve(book, asked) : settle(book, asked);
          };
          expect(act(books[0])).toEqual(act(books[1]));
        }
        expect([...books[0].months()].sort((a, b) => a.month.localeCompare(b.month))).toEqual(
          [...books[1].months()].sort((a, b) => a.month.localeCompare(b.month)),
        );
      }),
      { numRuns: 150 },
    );
  });

  test("has days that are new until they were written as they are", () => {
    const book = sqliteBook(null);
    settle(book, call(1, { days: spent(5) }));
    const days = book.newDays(10);
    expect(days).toEqual([{ runId: 1, day: today, spend: { micros: 5, unpricedCalls: 0 } }]);
    settle(book, call(1, { days: spent(6) }));
    book.markWritten(days);
    expect(book.hasNewDays()).toBe(true);
    book.markWritten(book.newDays(10));
    expect(book.hasNewDays()).toBe(false);
    settle(book, call(1, { days: spent(6) }));
    expect(book.hasNewDays()).toBe(false);
  });
});
