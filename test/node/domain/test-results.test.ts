import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { compareTests, describeTests, failingTests, readTestResults } from "../../../domain/run/test-results.ts";

describe("test results", () => {
  it.each([
    [
      "TAP",
      "TAP version 13\nok 1 - adds\nnot ok 2 - subtracts\n    ok 1 - nested # time=1ms\nok 3 - later # SKIP\n1..3",
    ],
    ["node spec", "\u001b[32m✔ adds (0.51ms)\u001b[39m\n✖ subtracts (1.2ms)\n  ✔ nested # time=1ms\nℹ tests 3"],
    ["vitest", " ✓ adds 3ms\n × subtracts 12ms\n ✓ nested # time=1ms\n Tests 1 failed"],
    [
      "pytest",
      "adds PASSED\nt.py::adds PASSED   [ 33%]\nt.py::subtracts FAILED [ 66%]\nt.py::nested PASSED\nFAILED t.py::subtracts - x",
    ],
    ["go", "=== RUN adds\n--- PASS: adds (0.00s)\n--- FAIL: subtracts (0.01s)\n    --- PASS: nested (0.00s)\nFAIL"],
    [
      "mocha",
      "  numbers\n    ✔ adds\n    1) subtracts\n    ✔ nested (12ms)\n\n  2 passing (9ms)\n  1 failing\n\n  1) numbers\n       subtracts:\n     Error",
    ],
    ["cargo", "test adds ... ok\ntest subtracts ... FAILED\ntest nested ... ok\ntest result: FAILED. 2 passed"],
  ])("are read from %s", (_runner, output) => {
    const results = readTestResults(output);
    const short: (readonly [string | undefined, boolean])[] = [...results].map(([name, passed]) => [
      name.replace(/^t\.py::/u, "").split(" ")[0],
      passed,
    ]);
    expect(short.toSorted((a, b) => (a[0] ?? "").localeCompare(b[0] ?? ""))).toEqual([
      ["adds", true],
      ["nested", true],
      ["subtracts", false],
    ]);
  });

  it("are read from the real node:test, in both of its reporters", () => {
    const dir = mkdtempSync(path.join(tmpdir(), "lime-results-"));
    try {
      const file = path.join(dir, "a.test.mjs");
      writeFileSync(
        file,
        'import test from "node:test";\nimport assert from "node:assert";\ntest("good", () => {});\ntest("bad", () => assert.equal(1, 2));\n',
      );
      for (const reporter of ["tap", "spec"]) {
        const { stdout } = spawnSync(process.execPath, ["--test", `--test-reporter=${reporter}`, file], {
          encoding: "utf8",
          env: { PATH: process.env["PATH"] },
        });
        expect(Object.fromEntries(readTestResults(stdout))).toMatchObject({ good: true, bad: false });
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("are read from tape, whose assertions stand under the test's name", () => {
    const output =
      "TAP version 13\n# adding\nok 1 adds\nnot ok 2 should be equal\n# subtracting\nok 3 subtracts\n\n1..3\n# tests 3";
    expect([...readTestResults(output)]).toEqual([
      ["adding: adds", true],
      ["adding: should be equal", false],
      ["subtracting: subtracts", true],
    ]);
  });

  it("are no numbered lists, headings and counts of other output", () => {
    const output = "1) first do this\n2) then that\n✖ failing tests:\nok 3 files were changed\n# ok\nnot ok";
    expect([...readTestResults(output)]).toEqual([]);
  });

  it("name those that failed: each once, without suites, with mocha's long names", () => {
    const spec =
      "▶ numbers\n  ✖ subtracts (1ms)\n✖ numbers (2ms)\n✖ failing tests:\n\ntest at a.js:1:1\n✖ subtracts (1ms)";
    expect(failingTests(spec)).toEqual(["subtracts"]);
    expect(failingTests("▶ numbers\n✖ numbers (2ms)")).toEqual(["numbers"]);
    expect(failingTests("  1 failing\n\n  1) numbers subtract:\n     Error")).toEqual(["numbers subtract"]);
    expect(failingTests("--- PASS: TestA\n--- FAIL: TestB (0.1s)")).toEqual(["TestB"]);
  });

  it("say which tests changed", () => {
    const before = readTestResults("ok 1 - a\nnot ok 2 - b\nok 3 - c\nnot ok 4 - d\nok 5 - e");
    const after = readTestResults("ok 1 - a\nok 2 - b\nnot ok 3 - c\nnot ok 4 - d\nok 5 - f\nnot ok 6 - g");
    const cases = compareTests(before, after);
    expect(cases).toEqual({
      before: { passed: 3, failed: 2 },
      after: { passed: 3, failed: 3 },
      fixed: ["b"],
      broken: ["c"],
      stillFailing: ["d"],
      added: ["f"],
      addedFailing: ["g"],
      removed: ["e"],
    });
    expect(cases === null ? "" : describeTests(cases)).toBe(
      "1 fixed, 1 broken, 1 new, 1 new and failing, 1 failing as before, 1 gone",
    );
  });

  it("a name that fails once has failed, and output of another kind says nothing", () => {
    expect(readTestResults("ok 1 - a\nnot ok 2 - a\nok 3 - a").get("a")).toBe(false);
    expect(compareTests(readTestResults("all good"), readTestResults("all good"))).toBeNull();
  });

  it("takes a hostile line quickly", () => {
    const startedAt = performance.now();
    for (const part of ["✔ ", "not ok 1 - ", "a::", "test a ... ", "--- PASS: "]) readTestResults(part.repeat(200_000));
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
