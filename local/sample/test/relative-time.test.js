import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRelative } from "../src/index.js";

const now = 1_700_000_000_000;

test("formatRelative says just now under a minute", () => {
  assert.equal(formatRelative(now - 30_000, now), "just now");
  assert.equal(formatRelative(now + 30_000, now), "just now");
});

test("formatRelative counts minutes, hours and days back", () => {
  assert.equal(formatRelative(now - 60_000, now), "1 minute ago");
  assert.equal(formatRelative(now - 7_200_000, now), "2 hours ago");
  assert.equal(formatRelative(now - 259_200_000, now), "3 days ago");
});

test("formatRelative counts forward", () => {
  assert.equal(formatRelative(now + 300_000, now), "in 5 minutes");
});
