import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokensAtMost } from "../../../domain/budget/bound.ts";
import { monthName, monthsUpTo, utcDay, utcMonth } from "../../../domain/budget/calendar.ts";
import { dollars } from "../../../domain/budget/dollars.ts";
import { admitsCall, monthState, refusalOf, type ProjectMonth } from "../../../domain/budget/month.ts";

const month: ProjectMonth = {
  project: "Lime",
  month: "2026-11",
  limitMicros: 1_000,
  spentMicros: 0,
  reservedMicros: 0,
  unpricedCalls: 0,
};

describe("the calendar", () => {
  test("agrees with the platform's on every day", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1600, 0, 1), max: Date.UTC(9999, 11, 31) }), (atMs) => {
        expect(utcDay(atMs)).toBe(new Date(atMs).toISOString().slice(0, 10));
        expect(utcMonth(atMs)).toBe(new Date(atMs).toISOString().slice(0, 7));
      }),
    );
    expect([utcDay(Date.UTC(2028, 1, 29, 23, 59, 59, 999)), utcDay(Date.UTC(2026, 11, 31))]).toEqual([
      "2028-02-29",
      "2026-12-31",
    ]);
  });

  test("counts months back over a year's end", () => {
    expect(monthsUpTo("2026-02", 4)).toEqual(["2026-02", "2026-01", "2025-12", "2025-11"]);
    expect(monthName("2026-11")).toBe("November 2026");
  });
});

describe("a month's budget", () => {
  test("is overspent by the last call at most, however many run at once and whatever each costs up to its bound", () => {
    const event = fc.record({
      run: fc.nat(7),
      bound: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), fc.array(event, { maxLength: 120 }), (limitMicros, events) => {
        const underWay = new Map<number, { bound: number; cost: number }>();
        let spentMicros = 0;
        let dearest = 0;
        for (const { bound, run, share } of events) {
          const own = underWay.get(run);
          if (own !== undefined) {
            spentMicros += own.cost;
            underWay.delete(run);
            continue;
          }
          const reservedMicros = [...underWay.values()].reduce((sum, call) => sum + call.bound, 0);
          if (!admitsCall({ ...month, limitMicros, spentMicros, reservedMicros }, bound)) continue;
          const cost = Math.floor(bound * share);
          dearest = Math.max(dearest, cost);
          underWay.set(run, { bound, cost });
        }
        const total = spentMicros + [...underWay.values()].reduce((sum, call) => sum + call.cost, 0);
        expect(total === 0 || total < limitMicros + dearest || dearest === 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("admits every call that it does not refuse, and waits only for reservations of other runs", () => {
    const figures = fc.record({
      limitMicros: fc.option(fc.nat(300)),
      spentMicros: fc.nat(400),
      reservedMicros: fc.nat(400),
      unpricedCalls: fc.nat(1),
    });
    fc.assert(
      fc.property(figures, fc.option(fc.nat(100)), (some, micros) => {
        const now = { ...month, ...some };
        if (admitsCall(now, micros)) return;
        const refusal = refusalOf(now, micros, "m");
        const alone = admitsCall({ ...now, reservedMicros: 0 }, micros);
        expect(refusal.kind).toBe(alone ? "wait" : "stop");
      }),
    );
  });

  test("has the state of its figures, and a refusal names project, month, limit and remedy", () => {
    const state = (more: Partial<ProjectMonth>) => monthState({ ...month, ...more });
    expect(state({ limitMicros: null, spentMicros: 9 })).toBe("none");
    expect([state({ spentMicros: 799 }), state({ spentMicros: 800 }), state({ spentMicros: 1_000 })]).toEqual([
      "ok",
      "low",
      "used",
    ]);
    expect(state({ unpricedCalls: 1 })).toBe("unknown");
    expect(state({ limitMicros: 0 })).toBe("used");
    expect(refusalOf({ ...month, limitMicros: 5_000_000, spentMicros: 5_020_000 }, 1, "m")).toEqual({
      kind: "stop",
      cause:
        "Lime's budget of $5.00 for November 2026 is used up: $5.02 are spent. Raise it in the project's budget, then resume.",
    });
  });

  test("is said in dollars that a person can read", () => {
    expect([0, 1, 4_200, 10_000, 5_000_000].map(dollars)).toEqual(["$0.00", "$0.000001", "$0.0042", "$0.01", "$5.00"]);
  });
});

describe("a call's bound", () => {
  test("is no fewer tokens than its bytes, and an image counts a fixed number", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(tokensAtMost([{ text }])).toBeGreaterThanOrEqual(new TextEncoder().encode(text).length);
      }),
    );
    const image = (size: number) => tokensAtMost([{ type: "image", base64: "A".repeat(size) }]);
    expect(image(1_000_000)).toBe(image(10));
    expect(tokensAtMost([{ type: "image_reference", id: "1" }])).toBeGreaterThan(10_000);
    expect(image(10)).toBeGreaterThan(tokensAtMost([{ type: "text" }]) + 5_000);
  });

  test("is the same whether a conversation is counted as a whole or piece by piece", () => {
    const block = fc.oneof(
      fc.record({ type: fc.constant("text"), text: fc.string({ unit: "binary" }) }),
      fc.record({ type: fc.constant("tool_use"), input: fc.jsonValue() }),
      fc.constant({ type: "image", base64: "" }),
    );
    const message = fc.record({ role: fc.constantFrom("user", "assistant"), blocks: fc.array(block) });
    const parts = fc.tuple(fc.array(message), fc.string(), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(parts, (request) => {
        const text = request.map((part) => JSON.stringify(part)).join("");
        const images = text.split('"type":"image"').length - 1;
        // Each half of a surrogate pair counts three bytes.
        const bytes = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)).reduce(
          (sum, code) => sum + (code > 0x7ff ? 3 : code > 0x7f ? 2 : 1),
          0,
        );
        const expected = 2_000 + bytes + images * 10_000;
        expect(tokensAtMost(request)).toBe(expected);
        // Blocks that were counted before, in messages that are put together anew.
        const [messages, ...rest] = request;
        expect(tokensAtMost([messages.map(({ blocks, role }) => ({ role, blocks: [...blocks] })), ...rest])).toBe(
          expected,
        );
      }),
    );
  });
});
