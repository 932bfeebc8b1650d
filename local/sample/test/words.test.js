import assert from "node:assert/strict";
import { test } from "node:test";
import { joinWords, plural } from "../src/index.js";

test("plural of one", () => {
  assert.equal(plural(1, "file"), "1 file");
});

test("plural of others", () => {
  assert.equal(plural(0, "file"), "0 files");
  assert.equal(plural(2, "file"), "2 files");
});

test("plural with its own word", () => {
  assert.equal(plural(2, "entry", "entries"), "2 entries");
});

test("joinWords joins as a sentence does", () => {
  assert.equal(joinWords([]), "");
  assert.equal(joinWords(["a"]), "a");
  assert.equal(joinWords(["a", "b"]), "a and b");
  assert.equal(joinWords(["a", "b", "c"]), "a, b and c");
});

test("joinWords takes another last word", () => {
  assert.equal(joinWords(["a", "b"], "or"), "a or b");
});
