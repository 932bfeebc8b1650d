import { describe, expect, test } from "vitest";
import { readFailures } from "../../../domain/run/test-failures.ts";
import { readExamples } from "../../../local/model/agent/testing/examples.ts";
import { testCommands } from "../../../local/model/agent/testing/test-command.ts";

describe("reading requests and test output", () => {
  test.each([
    ["`parseDuration('1h 30m')` should return `5400000`", { call: "parseDuration('1h 30m')", expected: "5400000" }],
    ['parseDuration("1h") returns 1 instead of 3600000', { call: 'parseDuration("1h")', expected: "3600000" }],
    ["`f(1)` returns `3`, expected `2`", { call: "f(1)", expected: "2" }],
    ["Expected `f([1, 2])` to equal `[2, 1]`.", { call: "f([1, 2])", expected: "[2, 1]" }],
    ["```js\nf(2) // => 4\n```", { call: "f(2)", expected: "4" }],
    ["```js\nassert.equal(f(3), 9);\n```", { call: "f(3)", expected: "9" }],
    ["```js\nexpect(f(3)).toBe(9);\n```", { call: "f(3)", expected: "9" }],
    ["- [ ] `f('')` returns `null`", { call: "f('')", expected: "null" }],
    ["`f(null)` should throw a TypeError", { call: "f(null)", error: "TypeError" }],
  ])("%s", (text, example) => {
    expect(readExamples(text)).toMatchObject([example]);
  });

  test("no example is made up from prose", () => {
    expect(readExamples("The function (see above) returns too much. Call me at 5 (or 6).")).toEqual([]);
  });

  const files = ["src/a.js", "test/a.test.js", "test/b.test.js"];
  test.each([
    [
      "node:test",
      "✖ adds up (1.2ms)\nℹ tests 2\n✖ failing tests:\n\ntest at test/a.test.js:5:1\n✖ adds up (1.2ms)\n  AssertionError: Expected values to be strictly equal:\n\n  1 !== 2\n\n      at sum (file:///workspace/r/src/a.js:3:9)\n      at TestContext.<anonymous> (file:///workspace/r/test/a.test.js:6:10)",
      "adds up",
    ],
    [
      "tape",
      "# adding\nnot ok 3 should be equal\n  ---\n    operator: equal\n    expected: 2\n    actual:   1\n    at: Test.<anonymous> (/workspace/r/test/a.test.js:6:4)\n    stack: |-\n      at sum (/workspace/r/src/a.js:3:9)\n",
      "adding: should be equal",
    ],
    [
      "mocha",
      "  1 failing\n\n  1) sums adds up:\n     AssertionError: expected 1 to equal 2\n      at sum (src/a.js:3:9)\n      at Context.<anonymous> (test/a.test.js:6:12)",
      "sums adds up",
    ],
  ])("%s output", (_runner, output, name) => {
    expect(readFailures(output, files)).toMatchObject({
      names: [name],
      testFiles: ["test/a.test.js"],
      places: [{ path: "src/a.js", line: 3 }],
      mismatches: [{ actual: "1", expected: "2" }],
    });
  });

  test("test commands are narrowed to the failing files, without linters and coverage", () => {
    expect(
      testCommands(
        "npm test",
        { test: "npm run lint && npm run unit", unit: "nyc tape 'test/**/*.js'", lint: "eslint ." },
        ["test/a.js"],
        [],
      ),
    ).toEqual({ full: "tape 'test/**/*.js'", quick: "tape test/a.js" });
    expect(testCommands("eslint . && node --import tsx --test", {}, ["a.test.ts"], []).quick).toBe(
      "node --import tsx a.test.ts",
    );
    expect(testCommands("node test.js", {}, ["test.js"], [])).toEqual({ full: "node test.js", quick: "node test.js" });
  });
});
