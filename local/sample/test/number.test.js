import assert from "node:assert/strict";
import { test } from "node:test";
import { clamp, roundTo } from "../src/index.js";

test("clamp keeps a number inside", () => {
  assert.equal(clamp(5, 0, 10), 5);
  assert.equal(clamp(-5, 0, 10), 0);
  assert.equal(clamp(15, 0, 10), 10);
});

test("clamp refuses crossed bounds", () => {
  assert.throws(() => clamp(1, 3, 2), RangeError);
});

test("roundTo rounds to decimals", () => {
  assert.equal(roundTo(1.25, 1), 1.3);
  assert.equal(roundTo(2, 3), 2);
});
