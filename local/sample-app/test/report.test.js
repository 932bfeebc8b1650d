import assert from "node:assert/strict";
import { test } from "node:test";
import { report } from "../src/report.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const api = { name: "api", result: "passed", durationMs: 95_000, endedAt: now - 7_200_000 };
const website = { name: "website", result: "failed", durationMs: 5_400_000, endedAt: now - 300_000 };

test("report puts the newest build first and aligns its columns", () => {
  assert.equal(
    report([api, website], now),
    ["website  failed  1h 30m  5 minutes ago", "api      passed  1m 35s  2 hours ago", "2 builds, 1 failed"].join("\n"),
  );
});

test("report counts one build in the singular", () => {
  assert.match(report([api], now), /^1 build, 0 failed$/m);
});

test("report says so when there are no builds", () => {
  assert.equal(report([], now), "0 builds, 0 failed");
});

test("report shows what formatRelative says of a build that has just ended", () => {
  assert.match(report([{ ...api, durationMs: 0, endedAt: now }], now), /^api {2}passed {2}0ms {2}just now$/m);
});
