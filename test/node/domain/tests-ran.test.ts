import { describe, expect, it } from "vitest";
import { testsRan } from "../../../domain/run/tests-ran.ts";

describe("the number of tests that ran", () => {
  it.each([
    [
      "node:test",
      "✔ a (1ms)\nℹ tests 3\nℹ suites 0\nℹ pass 1\nℹ fail 1\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 12.5",
      [1, 1, 1],
    ],
    ["node:test without a test", "ℹ tests 0\nℹ suites 0\nℹ pass 0\nℹ fail 0", [0, 0, 0]],
    ["TAP", "TAP version 13\nok 1 - a\n1..1\n# tests 1\n# pass 1\n# fail 0", [1, 0, 0]],
    ["Mocha", "  5 passing (10ms)\n  1 pending\n  2 failing", [5, 2, 1]],
    [
      "Jest",
      "Test Suites: 1 failed, 1 passed, 2 total\nTests:       1 failed, 2 skipped, 3 passed, 6 total",
      [3, 1, 2],
    ],
    ["Vitest", " Test Files  1 passed (1)\n      Tests  1 failed | 2 passed (3)", [2, 1, 0]],
    ["pytest", "===== 1 failed, 4 passed, 2 skipped in 0.12s =====", [4, 1, 2]],
    ["pytest -q", "5 passed in 0.01s", [5, 0, 0]],
    ["pytest without a test", "===== no tests ran in 0.01s =====", [0, 0, 0]],
    ["unittest", "Ran 5 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1)", [2, 2, 1]],
    [
      "cargo",
      "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\n\ntest result: ok. 2 passed; 0 failed; 0 ignored",
      [5, 0, 1],
    ],
    ["go", "ok  \texample.com/a\t0.01s\nFAIL\texample.com/b\t0.02s\n?   \texample.com/c\t[no test files]", [1, 1, 0]],
    ["go without a test", "?   \texample.com/c\t[no test files]", [0, 0, 0]],
    ["RSpec", "5 examples, 1 failure, 1 pending", [3, 1, 1]],
    ["Minitest", "4 runs, 6 assertions, 1 failures, 0 errors, 1 skips", [2, 1, 1]],
    [
      "Maven",
      "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s\n[INFO] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1",
      [2, 2, 1],
    ],
    ["PHPUnit", "OK (5 tests, 9 assertions)", [5, 0, 0]],
    [".NET", "Passed!  - Failed:     0, Passed:     5, Skipped:     1, Total:     6", [5, 0, 1]],
    ["Bun", " 3 pass\n 1 fail\n", [3, 1, 0]],
    ["Deno", "ok | 3 passed | 0 failed (12ms)", [3, 0, 0]],
    ["AVA", "  2 tests passed\n  1 test failed", [2, 1, 0]],
  ])("is read from %s", (_runner, output, [passed, failed, skipped]) => {
    expect(testsRan(output)).toEqual({ passed, failed, skipped });
  });

  it("is counted from the listed tests where no summary is, and unknown where nothing speaks of a test", () => {
    expect(testsRan("--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL")).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
    expect(testsRan("ok\n")).toBeNull();
    expect(testsRan("> sum@1.0.0 test\n> true\n")).toBeNull();
    expect(testsRan("")).toBeNull();
  });

  it("takes a hostile output quickly", () => {
    const startedAt = performance.now();
    for (const part of ["1 passed, ", "# tests 1\n", "Tests: ", "1 1 1 "]) testsRan(part.repeat(20_000));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
