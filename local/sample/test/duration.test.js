import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../src/index.js";

test("parseDuration reads milliseconds", () => {
  assert.equal(parseDuration("250ms"), 250);
});

test("parseDuration reads seconds and minutes", () => {
  assert.equal(parseDuration("30s"), 30_000);
  assert.equal(parseDuration("45m"), 2_700_000);
});

test("parseDuration reads hours, days and weeks", () => {
  assert.equal(parseDuration("2h"), 7_200_000);
  assert.equal(parseDuration("1d"), 86_400_000);
  assert.equal(parseDuration("2w"), 1_209_600_000);
});

test("parseDuration reads fractions", () => {
  assert.equal(parseDuration("1.5h"), 5_400_000);
});

test("parseDuration ignores case and space around", () => {
  assert.equal(parseDuration("  10S "), 10_000);
});

test("parseDuration refuses what is not a duration", () => {
  assert.throws(() => parseDuration("soon"), RangeError);
  assert.throws(() => parseDuration(""), RangeError);
  assert.throws(() => parseDuration("-5m"), RangeError);
});

test("formatDuration shows one unit", () => {
  assert.equal(formatDuration(250), "250ms");
  assert.equal(formatDuration(60_000), "1m");
});

test("formatDuration shows the two largest units", () => {
  assert.equal(formatDuration(5_400_000), "1h 30m");
  assert.equal(formatDuration(90_061_001), "1d 1h");
});

test("formatDuration shows zero", () => {
  assert.equal(formatDuration(0), "0ms");
  assert.equal(formatDuration(0, { long: true }), "0 milliseconds");
});

test("formatDuration writes words when asked", () => {
  assert.equal(formatDuration(3_660_000, { long: true }), "1 hour 1 minute");
  assert.equal(formatDuration(7_200_000, { long: true }), "2 hours");
});

test("formatDuration refuses negative and endless times", () => {
  assert.throws(() => formatDuration(-1), RangeError);
  assert.throws(() => formatDuration(Infinity), RangeError);
});
