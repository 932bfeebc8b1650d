import assert from "node:assert/strict";
import { test } from "node:test";
import { alignColumns } from "../src/table.js";

test("alignColumns makes columns as wide as their longest word", () => {
  assert.deepEqual(alignColumns([["a", "b"], ["long", "c"]]), ["a     b", "long  c"]);
});

test("alignColumns leaves no spaces at the end of a line", () => {
  assert.deepEqual(alignColumns([["a", "b"], ["c", "longer"]]), ["a  b", "c  longer"]);
});

test("alignColumns of nothing is nothing", () => {
  assert.deepEqual(alignColumns([]), []);
});
