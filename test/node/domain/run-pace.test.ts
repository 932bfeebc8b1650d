import { expect, test } from "vitest";
import { RunPace } from "../../../domain/tenancy/run-pace.ts";

test("five runs of a tenant work at once, the next ones follow a second apart, and other tenants do not wait", () => {
  const pace = new RunPace();
  const delays = Array.from({ length: 8 }, () => pace.workAfterMs(1, 1_000));
  expect(delays).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 3_000]);
  expect(pace.workAfterMs(2, 1_000)).toBe(0);
});

test("a tenant that starts one run a second never waits, and one that paused may start five at once again", () => {
  const pace = new RunPace();
  for (let second = 0; second < 100; second += 1) expect(pace.workAfterMs(1, second * 1_000)).toBe(0);
  for (let index = 0; index < 60; index += 1) pace.workAfterMs(1, 100_000);
  expect(pace.workAfterMs(1, 100_000)).toBeGreaterThan(50_000);
  const later = Array.from({ length: 6 }, () => pace.workAfterMs(1, 200_000));
  expect(later).toEqual([0, 0, 0, 0, 0, 1_000]);
});
