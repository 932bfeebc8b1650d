import { describe, expect, test, vi } from "vitest";
import { makeRepository, work } from "./agent-support.ts";
import { containing } from "./matchers.ts";

// Each runs a real test suite many times; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const manifest = JSON.stringify({ name: "sample", version: "1.0.0", type: "module", scripts: { test: "node --test" } });
const source = `/** Adds up the numbers. */
export function sum(numbers) {
  let total = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    total -= numbers[index];
  }
  return total;
}

export function last(list) {
  return list[list.length - 1];
}
`;
const passing = `import assert from "node:assert/strict";
import { test } from "node:test";
import { last } from "../src/sum.js";

test("last gives the last", () => {
  assert.equal(last([1, 2]), 2);
});
`;
const failing = `${passing.replace("{ last }", "{ last, sum }")}
test("sum adds up", () => {
  assert.equal(sum([1, 2, 3]), 6);
});
`;

describe("a failing test", () => {
  test("is made to pass by one small edit, shown with its evidence", async () => {
    const run = await work(
      makeRepository({ "package.json": manifest, "src/sum.js": source, "test/sum.test.js": failing }),
      "bugfix",
      "The tests fail.",
    );
    expect(run.outcome).toBe("done");
    expect(run.changed).toEqual(["src/sum.js"]);
    expect(run.read("src/sum.js")).toBe(source.replace("total -=", "total +="));
    expect(run.summary).toContain("sum adds up");
    expect(run.summary).toContain("offline demo agent, no model");
    expect(run.says[0]).toContain("offline demo agent, no model");
    expect(run.turns).toBeLessThanOrEqual(35);
  });

  test("in TypeScript too", async () => {
    const files = {
      "package.json": manifest,
      "src/sum.ts": source
        .replace("(numbers)", "(numbers: readonly number[]): number")
        .replace("(list)", "<Item>(list: readonly Item[]): Item | undefined"),
      "test/sum.test.ts": failing.replace("sum.js", "sum.ts"),
    };
    const run = await work(makeRepository(files), "bugfix", "The tests fail.");
    expect(run.outcome).toBe("done");
    expect(run.read("src/sum.ts")).toContain("total += numbers[index]");
  });

  test("that no small edit repairs is declined with nothing changed", async () => {
    const impossible = failing
      .replace("sum([1, 2, 3]), 6", 'sum([1, 2, 3]), "a poem of many words about apples"')
      .replace('test("sum', 'test("odd sum');
    const run = await work(
      makeRepository({
        "package.json": manifest,
        "src/sum.js": "export const last = (list) => list.at(-1);\nexport const sum = () => 1;\n",
        "test/sum.test.js": impossible,
      }),
      "bugfix",
      "The tests fail.",
    );
    expect(run.outcome).toBe("declined");
    expect(run.changed).toEqual([]);
    expect(run.turns).toBeLessThanOrEqual(40);
  });
});

describe("a green suite", () => {
  test("with an example in the request gets a regression test first, then the repair", async () => {
    const run = await work(
      makeRepository({ "package.json": manifest, "src/sum.js": source, "test/last.test.js": passing }),
      "bugfix",
      "Sums are negative.\n\n`sum([1, 2])` returns `-3`, but it should return `3`.",
    );
    expect(run.outcome).toBe("done");
    expect(run.changed).toEqual(["src/sum.js", "test/sum-regression.test.js"]);
    expect(run.read("test/sum-regression.test.js")).toContain('import { sum } from "../src/sum.js";');
    expect(run.read("test/sum-regression.test.js")).toContain("assert.deepStrictEqual(sum([1, 2]), 3);");
    expect(run.read("src/sum.js")).toContain("total += ");
  });

  test("without an example is declined with a word on what is needed", async () => {
    const run = await work(
      makeRepository({ "package.json": manifest, "src/sum.js": source, "test/last.test.js": passing }),
      "bugfix",
      "Something is off with sums.",
    );
    expect(run).toMatchObject({ outcome: "declined", changed: [], summary: containing("no example") });
  });

  test("with an example that holds already is declined and the test taken back", async () => {
    const run = await work(
      makeRepository({ "package.json": manifest, "src/sum.js": source, "test/last.test.js": passing }),
      "bugfix",
      "`last([1, 2])` should return `2`.",
    );
    expect(run).toMatchObject({ outcome: "declined", changed: [] });
  });
});

test("CommonJS with plain assertions in one test file: the test is appended there", async () => {
  const files = {
    "package.json": JSON.stringify({ name: "plain", scripts: { test: "node test.js" } }),
    "index.js": "exports.half = function (n) { return n * 2; };\nexports.double = function (n) { return n * 2; };\n",
    "test.js": "var assert = require('assert');\nvar lib = require('./index.js');\nassert.equal(lib.double(2), 4);\n",
  };
  const run = await work(
    makeRepository(files, "node test.js"),
    "bugfix",
    "`lib.half(8)` should return `4`, it gives `16`.",
    "node test.js",
  );
  expect(run.outcome).toBe("done");
  expect(run.changed).toEqual(["index.js", "test.js"]);
  expect(run.read("test.js")).toContain("assert.deepStrictEqual(lib.half(8), 4);");
});
