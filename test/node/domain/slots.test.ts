import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finalStates, isFinal, runStates } from "../../../contracts/run-names.ts";
import {
  holdsSlot,
  mayTakeSlot,
  openHolds,
  slotsInUse,
  type SlotHold,
  type SlotRun,
} from "../../../domain/board/slots.ts";

const nowMs = 10_000_000;
const run = (id: number, more: Partial<SlotRun> = {}): SlotRun => ({
  id,
  ticketId: id,
  state: "CODING",
  isOfRule: true,
  createdAtMs: nowMs,
  ...more,
});
const hold = (ticketId: number, more: Partial<SlotHold> = {}): SlotHold => ({
  ticketId,
  runId: null,
  atMs: nowMs,
  ...more,
});

describe("a slot", () => {
  test("is held by a rule's run until it has ended, and by a person's run while it works", () => {
    expect(runStates.filter((state) => !holdsSlot({ state, isOfRule: true }))).toEqual(finalStates);
    expect(runStates.filter((state) => !isFinal(state) && !holdsSlot({ state, isOfRule: false }))).toEqual([
      "BLOCKED_POLICY",
      "WAITING_APPROVAL",
      "NEEDS_HUMAN",
    ]);
  });

  test("that was taken is in use until its run's row is there, and from then on by the row alone", () => {
    expect(slotsInUse({ holds: [hold(1)], runs: [] }, nowMs)).toBe(1);
    expect(slotsInUse({ holds: [hold(1, { runId: 9 })], runs: [] }, nowMs + 3_600_000)).toBe(1);
    expect(slotsInUse({ holds: [hold(1, { runId: 9 })], runs: [run(9, { ticketId: 1 })] }, nowMs)).toBe(1);
    expect(slotsInUse({ holds: [hold(1, { runId: 9 })], runs: [run(9, { state: "DONE" })] }, nowMs)).toBe(0);
    // The caller died before it could tell which run it started.
    expect(slotsInUse({ holds: [hold(1)], runs: [run(9, { ticketId: 1 })] }, nowMs)).toBe(1);
    expect(slotsInUse({ holds: [hold(1)], runs: [run(9, { ticketId: 1, createdAtMs: nowMs - 1 })] }, nowMs)).toBe(2);
  });

  test("whose start is not heard of is free after five minutes", () => {
    expect(openHolds({ holds: [hold(1)], runs: [] }, nowMs + 299_999)).toHaveLength(1);
    expect(openHolds({ holds: [hold(1)], runs: [] }, nowMs + 300_000)).toEqual([]);
  });

  test("is not taken twice for a ticket, nor for one that has a run, whoever started it", () => {
    expect(mayTakeSlot({ holds: [hold(1)], runs: [] }, 1, 5, nowMs)).toBe("busy");
    const waits = run(3, { ticketId: 1, state: "NEEDS_HUMAN", isOfRule: false });
    expect(mayTakeSlot({ holds: [], runs: [waits] }, 1, 5, nowMs)).toBe("busy");
    expect(mayTakeSlot({ holds: [], runs: [waits] }, 2, 1, nowMs)).toBe("taken");
    expect(mayTakeSlot({ holds: [], runs: [{ ...waits, state: "DONE" }] }, 1, 1, nowMs)).toBe("taken");
    expect(mayTakeSlot({ holds: [], runs: [] }, 1, 0, nowMs)).toBe("full");
  });

  test("is never over the limit, whatever rows come late and callers die", () => {
    const step = fc.record({
      ticketId: fc.integer({ min: 1, max: 12 }),
      act: fc.nat(5),
      pick: fc.nat(),
      waitMs: fc.nat(3_000),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 80 }), (slots, steps) => {
        let [holds, at]: [readonly SlotHold[], number] = [[], nowMs];
        const started = new Map<number, SlotRun>();
        const rows = new Map<number, SlotRun>();
        for (const { act, pick, ticketId, waitMs } of steps) {
          at += 1 + waitMs;
          const all = [...started.values()];
          const one = all[pick % Math.max(1, all.length)];
          if (act <= 1) {
            const facts = { holds, runs: [...rows.values()] };
            holds = openHolds(facts, at);
            if (mayTakeSlot(facts, ticketId, slots, at) !== "taken") continue;
            const id = started.size + 1;
            started.set(id, run(id, { ticketId, createdAtMs: at }));
            // With act 1 the caller dies after the start: its row comes within the five minutes, and the hold names no run.
            holds = [...holds, hold(ticketId, { atMs: at, runId: act === 0 ? id : null })];
          } else if (one !== undefined && act <= 3) rows.set(one.id, one);
          else if (one !== undefined && rows.has(one.id) && !isFinal(one.state)) {
            started.set(one.id, { ...one, state: act === 4 ? "WAITING_APPROVAL" : "DONE" });
          }
          expect([...started.values()].filter(({ state }) => !isFinal(state)).length).toBeLessThanOrEqual(slots);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
