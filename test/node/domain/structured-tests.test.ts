import { describe, expect, it } from "vitest";
import { readSuite } from "../../../domain/run/read-suite.ts";
import { readStructured, reporterFor } from "../../../domain/run/structured-tests.ts";
import { compareTests } from "../../../domain/run/test-results.ts";

const node = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="good" time="0.04" classname="test" file="/workspace/repo/a.test.mjs"/>
	<testsuite name="suite" time="0.01" disabled="0" errors="0" tests="2" failures="1" skipped="1" hostname="x">
		<testcase name="bad &lt;1&gt;" time="0.001" classname="test" failure="1 == 2">
			<failure type="testCodeFailure" message="1 == 2">
[Error: &lt;testcase name="forged"/&gt;]
			</failure>
		</testcase>
		<testcase name="later" time="0.0001" classname="test">
			<skipped type="skipped" message="true"/>
		</testcase>
	</testsuite>
	<!-- tests 3 -->
</testsuites>
`;
const vitest = JSON.stringify({
  testResults: [
    {
      name: "/workspace/repo/a.test.ts",
      status: "failed",
      assertionResults: [
        { ancestorTitles: [], title: "good", status: "passed" },
        { ancestorTitles: ["suite"], title: "bad <1>", status: "failed" },
        { ancestorTitles: ["suite"], title: "later", status: "skipped" },
      ],
    },
  ],
});
const go = ["run", "pass"]
  .map((action) => JSON.stringify({ Time: "t", Action: action, Package: "p", Test: "TestA" }))
  .concat(
    JSON.stringify({ Action: "fail", Package: "p", Test: "TestB" }),
    JSON.stringify({ Action: "skip", Package: "p", Test: "TestC" }),
  )
  .map((line) => line.replace(/^\{"Time":"t",/u, "{"))
  .join("\n");

describe("a report for programs", () => {
  it.each([
    ["JUnit", node, ["good", "suite > bad <1>", "suite > later"]],
    ["Vitest and Jest", vitest, ["good", "suite > bad <1>", "suite > later"]],
    ["go test -json", go, ["p > TestA", "p > TestB", "p > TestC"]],
  ])("is read in the format of %s", (_format, text, names) => {
    const tests = readStructured(text) ?? [];
    expect(tests.map(({ name }) => name)).toEqual(names);
    expect(tests.map(({ outcome }) => outcome)).toEqual(["passed", "failed", "skipped"]);
  });

  it("names the file that could not be loaded", () => {
    const text = JSON.stringify({
      testResults: [{ name: "/workspace/repo/b.test.ts", status: "failed", assertionResults: [] }],
    });
    expect(readStructured(text)).toEqual([{ name: "b.test.ts", outcome: "failed" }]);
  });

  it("is none when it is cut off, or another text", () => {
    for (const text of ["", "ok", "{}", "[]", "{", node.slice(0, 400), vitest.slice(0, 90)])
      expect(readStructured(text)).toBeUndefined();
  });

  it("is asked for where the runner can write one beside its output", () => {
    const asked = (command: string, script = command) => reporterFor(command, script, "/workspace/r");
    expect(asked("npm test --", "node --test")?.env).toEqual({
      NODE_OPTIONS:
        "--test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=/workspace/r",
    });
    expect(asked("npm test --", "vitest run")?.args).toBe(
      " --reporter=default --reporter=json --outputFile=/workspace/r",
    );
    expect(asked("npm test --", "jest --ci")?.args).toBe(" --json --outputFile=/workspace/r");
    expect(asked("python3 -m pytest -v")?.env).toEqual({
      PYTEST_ADDOPTS: "--junitxml=/workspace/r -o junit_family=xunit2",
    });
    for (const script of [
      "node --test --test-reporter=tap",
      "vitest run && tsc",
      "node test.js",
      "mocha",
      "vitest | tee log",
      "echo ok",
    ])
      expect(asked("npm test --", script)).toBeUndefined();
    expect(asked("make test", "vitest run")).toBeUndefined();
  });
});

describe("the tests of a run", () => {
  it("come from the report, else from the output", () => {
    expect(readSuite("✔ other (1ms)", node, true)).toEqual({
      results: new Map([
        ["good", true],
        ["suite > bad <1>", false],
      ]),
      ran: { passed: 1, failed: 1, skipped: 1 },
    });
    expect(readSuite("ok 1 - a\n# tests 1\n# pass 1", undefined, false).results).toEqual(new Map([["a", true]]));
    expect(readSuite("ok 1 - a\n# tests 1\n# pass 1", undefined, true).results).toBeNull();
  });

  it("have no names where a reporter lists only those that fail, so that none counts as gone", () => {
    const red = readSuite("..X.\n\nFailed tests:\n\n✖ bad (1ms)\nℹ tests 4\nℹ pass 3\nℹ fail 1", undefined, false);
    expect(red).toEqual({ results: null, ran: { passed: 3, failed: 1, skipped: 0 } });
  });

  it("take no heading and no file for a test", () => {
    const before = readSuite(
      "✔ a (1ms)\n✖ b (1ms)\nℹ tests 2\n\n✖ failing tests:\n\n✖ b (1ms)",
      undefined,
      false,
    ).results;
    const after = readSuite("✔ a (1ms)\n✔ b (1ms)\nℹ tests 2", undefined, false).results;
    expect(compareTests(before ?? new Map(), after ?? new Map())).toMatchObject({
      fixed: ["b"],
      removed: [],
      added: [],
    });
    for (const heading of [
      "✖ Failing tests:",
      "✖ 2 failed tests",
      "✘ failed tests",
      "✓ a.test.ts (3 tests) 5ms",
      "❯ a.test.ts (3 tests | 1 failed) 14ms",
    ])
      expect(readSuite(`${heading}\n`, undefined, false).results?.size ?? 0).toBe(0);
  });

  it("take hostile reports quickly", () => {
    const startedAt = performance.now();
    for (const part of [
      '<testcase name="a">',
      "<testcase ",
      '<testsuite name="',
      '{"Action":"pass","Test":"a"}\n',
      'a="b" ',
    ])
      for (const text of [`<?xml ${part.repeat(50_000)}</testsuites>`, `{"Action":${part.repeat(50_000)}`])
        readStructured(text);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
