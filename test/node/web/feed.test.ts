import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createReloader } from "../../../web/app/reloader.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function reloading() {
  const asked: unknown[] = [];
  const reloader = createReloader({
    invalidateQueries: async (filters) => {
      asked.push(...(filters?.queryKey ?? []));
    },
  });
  return { asked, reloader };
}

test("a list that changes is loaded at once, and once a second while it goes on changing", () => {
  const { asked, reloader } = reloading();
  for (let change = 0; change < 30; change += 1) {
    reloader.reload(["runs"]);
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(5_000);
  expect(asked).toEqual(["runs", "runs", "runs", "runs"]);
  reloader.reload(["budgets"]);
  expect(asked.at(-1)).toBe("project-budget");
});

test("a topic that this page does not know is passed over", () => {
  const { asked, reloader } = reloading();
  reloader.reload(["weather" as "runs"]);
  expect(asked).toEqual([]);
});

test("a page that was just opened loads every list once more, so that it misses no change of the time before its socket", () => {
  const { asked, reloader } = reloading();
  reloader.reloadAllSoon();
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(5_000);
  expect(asked).toEqual(["runs", "projects", "project-budget", "notices"]);
});

test("nothing is loaded after the page has left", () => {
  const { asked, reloader } = reloading();
  reloader.reload(["runs"]);
  reloader.reload(["projects"]);
  reloader.stop();
  vi.advanceTimersByTime(5_000);
  expect(asked).toEqual(["runs"]);
});
