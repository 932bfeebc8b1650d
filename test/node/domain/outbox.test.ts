import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectKinds, type EffectKind } from "../../../domain/run/effects.ts";
import {
  afterFailure,
  drain,
  isCoalesced,
  laneOf,
  maxEffectTries,
  nextDue,
  supersededBy,
  type OutboxRow,
} from "../../../domain/run/outbox.ts";

const rowsArbitrary = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...effectKinds),
      entity: fc.constantFrom("a", "b"),
      tries: fc.integer({ min: 0, max: maxEffectTries }),
      dueMs: fc.integer({ min: 0, max: 100 }),
      parked: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((rows) => rows.map((one, index): OutboxRow => ({ id: index + 1, ...one })));
const timeArbitrary = fc.integer({ min: 0, max: 120 });
const runs = { numRuns: 500 };

function row(id: number, kind: EffectKind, more: Partial<OutboxRow> = {}): OutboxRow {
  return { id, kind, entity: "run", tries: 0, dueMs: 0, parked: false, ...more };
}

describe("draining the outbox", () => {
  it("does at most one effect of a lane at a time, and never a parked one or one before its time", () => {
    fc.assert(
      fc.property(rowsArbitrary, timeArbitrary, (rows, nowMs) => {
        const due = drain(rows, nowMs);
        expect(new Set(due.map(laneOf)).size).toBe(due.length);
        for (const taken of due) {
          expect(taken.parked).toBe(false);
          expect(taken.dueMs).toBeLessThanOrEqual(nowMs);
        }
      }),
      runs,
    );
  });

  it("takes the oldest of a lane, and of a coalesced kind the newest", () => {
    fc.assert(
      fc.property(rowsArbitrary, timeArbitrary, (rows, nowMs) => {
        for (const taken of drain(rows, nowMs)) {
          const lane = rows.filter((other) => !other.parked && laneOf(other) === laneOf(taken)).map(({ id }) => id);
          expect(taken.id).toBe(isCoalesced(taken.kind) ? Math.max(...lane) : Math.min(...lane));
        }
      }),
      runs,
    );
  });

  it("is not held up by a parked effect, in its own lane or another", () => {
    fc.assert(
      fc.property(rowsArbitrary, timeArbitrary, (rows, nowMs) => {
        const withoutParked = rows.filter(({ parked }) => !parked);
        expect(drain(rows, nowMs)).toEqual(drain(withoutParked, nowMs));
        expect(nextDue(rows, nowMs)).toBe(nextDue(withoutParked, nowMs));
      }),
      runs,
    );
  });

  it("comes back exactly when something can be done", () => {
    fc.assert(
      fc.property(rowsArbitrary, timeArbitrary, (rows, nowMs) => {
        const due = nextDue(rows, nowMs);
        if (due === undefined) expect(rows.every(({ parked }) => parked)).toBe(true);
        else {
          expect(due).toBeGreaterThanOrEqual(nowMs);
          expect(drain(rows, due)).not.toEqual([]);
          if (due > nowMs) expect(drain(rows, due - 1)).toEqual([]);
        }
      }),
      runs,
    );
  });

  it("ends with every effect done or parked, each lane in order, whichever tries fail", () => {
    fc.assert(
      fc.property(rowsArbitrary, fc.array(fc.boolean(), { maxLength: 200 }), (given, fails) => {
        let rows: readonly OutboxRow[] = given.map((one) => ({ ...one, tries: 0, parked: false }));
        const done: OutboxRow[] = [];
        let nowMs = 0;
        for (let round = 0; ; round += 1) {
          const next = nextDue(rows, nowMs);
          if (next === undefined) break;
          nowMs = next;
          for (const taken of drain(rows, nowMs)) {
            const superseded = new Set(supersededBy(rows, taken));
            rows = rows.filter(({ id }) => !superseded.has(id));
            if (fails[round] === true) {
              rows = rows.map((other) => (other.id === taken.id ? afterFailure(taken, nowMs, 0.5) : other));
            } else {
              rows = rows.filter(({ id }) => id !== taken.id);
              done.push(taken);
            }
          }
          expect(round).toBeLessThan(2_000);
        }
        expect(rows.every(({ parked, tries }) => parked && tries === maxEffectTries)).toBe(true);
        for (const lane of new Set(given.map(laneOf))) {
          const order = done.filter((one) => laneOf(one) === lane).map(({ id }) => id);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("an effect that fails", () => {
  it("waits longer each time, at most five minutes, and is parked after its last try", () => {
    let present = row(1, "audit");
    const waits: number[] = [];
    while (!present.parked) {
      present = afterFailure(present, 1_000, 0);
      waits.push(present.dueMs - 1_000);
    }
    expect(waits).toHaveLength(maxEffectTries);
    expect(waits.slice(0, 4)).toEqual([800, 1_600, 3_200, 6_400]);
    expect(Math.max(...waits)).toBe(240_000);
  });

  it("is tried for about a day when it is the run's row, which people find the run by", () => {
    let present = row(1, "projection");
    let waitedMs = 0;
    while (!present.parked) {
      present = afterFailure(present, 0, 0.5);
      waitedMs += present.dueMs;
    }
    expect(waitedMs).toBeGreaterThan(20 * 3_600_000);
    expect(waitedMs).toBeLessThan(26 * 3_600_000);
  });

  it("waits as long as the other side asks", () => {
    expect(afterFailure(row(1, "audit"), 0, 0, 60_000).dueMs).toBeGreaterThanOrEqual(60_000);
  });

  it("holds back the later ones of its lane, and none of another", () => {
    const rows = [row(1, "audit", { tries: 1, dueMs: 50 }), row(2, "audit"), row(3, "notice")];
    expect(drain(rows, 10).map(({ id }) => id)).toEqual([3]);
    expect(drain(rows, 50).map(({ id }) => id)).toEqual([1, 3]);
  });

  it("of a coalesced kind hands its failures on to the newer one that takes its place", () => {
    const rows = [row(1, "projection", { tries: 3, dueMs: 50 }), row(2, "projection")];
    expect(drain(rows, 10)).toEqual([]);
    const [taken] = drain(rows, 50);
    expect(taken).toMatchObject({ id: 2, tries: 3 });
    expect(supersededBy(rows, row(2, "projection"))).toEqual([1]);
  });
});
