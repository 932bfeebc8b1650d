import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { RunStore } from "../../../web/features/run/store.ts";

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const notice = (seq: number): RunEvent => ({
  seq,
  atMs: seq,
  v: 1,
  type: "notice",
  data: { level: "info", message: "x" },
});

it("shows the first frame of a catch-up at once, the next ones now and then, and everything once it is live", () => {
  const store = new RunStore();
  const shown: number[] = [];
  store.subscribe(() => shown.push(store.read().lastSeq));
  for (let seq = 1; seq <= 100; seq += 1) {
    store.add({ t: "events", events: [notice(seq)] });
    vi.advanceTimersByTime(10);
  }
  expect(shown[0]).toBe(1);
  expect(shown.length).toBeLessThanOrEqual(5);
  store.add({ t: "events", events: [notice(101)] });
  store.add({ t: "live", headSeq: 101 });
  expect(shown.at(-1)).toBe(101);
  const before = shown.length;
  vi.advanceTimersByTime(1000);
  expect(shown).toHaveLength(before);
  store.add({ t: "events", events: [notice(102)] });
  store.add({ t: "events", events: [notice(103)] });
  expect(shown.slice(before)).toEqual([102, 103]);
});

it("shows the last of a catch-up that breaks off", () => {
  const store = new RunStore();
  let shown = 0;
  store.subscribe(() => (shown = store.read().lastSeq));
  for (let seq = 1; seq <= 3; seq += 1) store.add({ t: "events", events: [notice(seq)] });
  expect(shown).toBe(1);
  vi.advanceTimersByTime(250);
  expect(shown).toBe(3);
});
