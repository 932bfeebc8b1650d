import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, parseBytes } from "../src/index.js";

test("formatBytes keeps small sizes whole", () => {
  assert.equal(formatBytes(0), "0 B");
  assert.equal(formatBytes(999), "999 B");
});

test("formatBytes uses decimal units", () => {
  assert.equal(formatBytes(1_000), "1 kB");
  assert.equal(formatBytes(1_500_000), "1.5 MB");
});

test("formatBytes uses binary units when asked", () => {
  assert.equal(formatBytes(1_024, { binary: true }), "1 KiB");
  assert.equal(formatBytes(1_572_864, { binary: true }), "1.5 MiB");
});

test("formatBytes stops at the largest unit", () => {
  assert.equal(formatBytes(5e15), "5000 TB");
});

test("formatBytes refuses what is not a size", () => {
  assert.throws(() => formatBytes(-1), RangeError);
  assert.throws(() => formatBytes(Number.NaN), RangeError);
});

test("parseBytes reads a plain number", () => {
  assert.equal(parseBytes("512"), 512);
});

test("parseBytes reads decimal units", () => {
  assert.equal(parseBytes("1.5 kB"), 1_500);
  assert.equal(parseBytes("2MB"), 2_000_000);
});

test("parseBytes reads binary units", () => {
  assert.equal(parseBytes("2 KiB"), 2_048);
});

test("parseBytes refuses unknown units", () => {
  assert.throws(() => parseBytes("3 parsecs"), RangeError);
  assert.throws(() => parseBytes("big"), RangeError);
});
