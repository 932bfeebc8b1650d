import assert from "node:assert/strict";
import { test } from "node:test";
import { readBuilds } from "../src/builds.js";

const entry = { name: "api", result: "passed", durationMs: 95_000, endedAt: "2026-03-01T10:00:00Z" };

test("readBuilds reads times as milliseconds", () => {
  assert.deepEqual(readBuilds(JSON.stringify([entry])), [{ ...entry, endedAt: 1_772_359_200_000 }]);
});

test("readBuilds names the build that is incomplete", () => {
  assert.throws(() => readBuilds(JSON.stringify([{ ...entry, result: "maybe" }])), /build api has no result/);
  assert.throws(() => readBuilds(JSON.stringify([{ ...entry, durationMs: -1 }])), /build api has no duration/);
  assert.throws(() => readBuilds(JSON.stringify([{ ...entry, endedAt: "soon" }])), /build api has no time/);
  assert.throws(() => readBuilds(JSON.stringify([{}])), /build 0 has no name/);
});

test("readBuilds refuses what is not a list", () => {
  assert.throws(() => readBuilds("{}"), TypeError);
});
