import { describe, expect, it } from "vitest";
import type { TestReport } from "../../../contracts/test-report.ts";
import type { RunMode } from "../../../contracts/run.ts";
import { qualityGate } from "../../../domain/gates/evaluate.ts";
import { runVerdict, testVerdict } from "../../../domain/gates/tests.ts";
import { compareTests, readTestResults } from "../../../domain/run/test-results.ts";
import { provenReport, suite } from "../../fakes/test-report.ts";

const verdict = (fields: Partial<TestReport>, mode: RunMode = "implement"): string =>
  testVerdict(mode, provenReport(fields)).status;
const regression = (failedOnBase: boolean) => ({ paths: ["t"], failedOnBase, outputTail: "" });
const held = (exitCode: number, ran: readonly number[], before = "", after = "") => ({
  ...suite(exitCode, ran),
  leftOut: [],
  cases: compareTests(readTestResults(before), readTestResults(after)),
});
const cases = (before: string, after: string) => compareTests(readTestResults(before), readTestResults(after));

describe("a test report", () => {
  it("proves a patch when the base's own tests and the patch's ran and passed", () => {
    expect(verdict({})).toBe("pass");
    expect(verdict({ after: suite(0, [3, 0]) })).toBe("pass");
    expect(verdict({ regression: regression(true) }, "bugfix")).toBe("pass");
  });

  it("proves a bug fix by a test that fails without it, and by nothing else", () => {
    expect(verdict({}, "bugfix")).toBe("fail");
    expect(verdict({ regression: regression(false) }, "bugfix")).toBe("fail");
    const fixed = held(0, [2, 0], "ok 1 - a\nnot ok 2 - b", "ok 1 - a\nok 2 - b");
    expect(verdict({ before: suite(1, [1, 1]), held: fixed }, "bugfix")).toBe("pass");
    // The base fails, and its test was turned round.
    const same = held(1, [1, 1], "ok 1 - a\nnot ok 2 - b", "ok 1 - a\nnot ok 2 - b");
    expect(verdict({ before: suite(1, [1, 1]), held: same, regression: regression(false) }, "bugfix")).toBe("fail");
  });

  it("blames the patch for tests that fail with it only", () => {
    expect(verdict({ after: suite(1, [0, 1]) })).toBe("fail");
    const broken = cases("not ok 1 - a\nok 2 - b", "not ok 1 - a\nnot ok 2 - b");
    expect(verdict({ before: suite(1, [1, 1]), after: suite(1, [0, 2]), cases: broken })).toBe("fail");
    // Nothing of the base is listed any more: the patch does not even load.
    const crashed = cases("not ok 1 - a\nok 2 - b", "");
    expect(verdict({ before: suite(1, [1, 1]), after: { ...suite(1), ran: null }, cases: crashed })).toBe("fail");
    expect(verdict({ before: suite(1, [4, 1]), after: suite(1, [3, 2]) })).toBe("fail");
  });

  it("does not prove a patch whose tests fail as the base's do, whatever the mode", () => {
    for (const mode of ["implement", "bugfix"] as const) {
      const red = cases("not ok 1 - a\nok 2 - b", "not ok 1 - a\nok 2 - b\nok 3 - c");
      expect(verdict({ before: suite(1, [1, 1]), after: suite(1, [2, 1]), cases: red }, mode)).toBe("not_proven");
      const missing = { ...suite(127), ran: null };
      expect(verdict({ before: missing, after: missing, held: { ...missing, leftOut: [], cases: null } }, mode)).toBe(
        "not_proven",
      );
    }
  });

  it("is no proof where no test ran", () => {
    const unread = { ...suite(0), ran: null };
    for (const mode of ["implement", "bugfix"] as const) {
      expect(verdict({ before: suite(0, [0, 0]), after: suite(0, [0, 0]) }, mode)).toBe("not_run");
      expect(verdict({ after: suite(0, [0, 0, 4]) }, mode)).toBe("not_run");
      expect(verdict({ before: unread, after: unread }, mode)).toBe("not_run");
      expect(verdict({ command: null, before: null, after: null, held: null }, mode)).toBe("not_run");
      expect(testVerdict(mode, undefined).status).toBe("not_run");
    }
  });

  it("is no proof where the base's own tests did not run against the patch, or not all of them", () => {
    expect(verdict({ held: null })).toBe("not_proven");
    expect(verdict({ held: held(1, [0, 1], "ok 1 - a", "not ok 1 - a") })).toBe("not_proven");
    expect(verdict({ held: held(0, [1, 0], "ok 1 - a\nok 2 - b", "ok 1 - a") })).toBe("not_proven");
    expect(verdict({ before: suite(0, [5, 0]), held: held(0, [4, 0]) })).toBe("not_proven");
    expect(verdict({ held: { ...held(0, [1, 0]), ran: null } })).toBe("not_proven");
    expect(verdict({ before: suite(0, [0, 0]), held: held(0, [0, 0]), after: suite(0, [2, 0]) })).toBe("not_proven");
  });

  it("is no proof where the patch touches the base's tests, or where a failure is masked", () => {
    const finding = {
      kind: "test-skipped",
      path: "a.test.js",
      line: 3,
      message: "Tests are left out: it.skip()",
    } as const;
    expect(verdict({ findings: [finding] })).toBe("not_proven");
    expect(verdict({ after: suite(0, [3, 1]) })).toBe("not_proven");
  });

  it("names what the patch did to the proof, also where no test was seen to run or the base fails alike", () => {
    const finding = { kind: "test-command-changed", path: "package.json", line: null, message: "It changes." } as const;
    const findings = [finding];
    const named = "package.json: It changes.";
    const unread = { ...suite(0), ran: null };
    const broken = held(1, [0, 1], "ok 1 - a", "not ok 1 - a");
    const reasons = (fields: Partial<TestReport>) => testVerdict("implement", provenReport({ findings, ...fields }));
    expect(reasons({ after: unread, held: broken })).toEqual({
      status: "not_run",
      reasons: [
        "The command ended well, but nothing in its output says that a test ran.",
        'The base\'s own tests fail against the patch (exit code 1): "a".',
        named,
      ],
    });
    expect(reasons({ command: null, before: null, after: null, held: null }).reasons.at(-1)).toBe(named);
    const missing = { ...suite(127), ran: null };
    expect(reasons({ before: missing, after: missing }).reasons.at(-1)).toBe(named);
  });

  it("fails the run when one repository does, and is not proven when one is not", () => {
    const [pass, fail] = [provenReport({}), provenReport({ after: suite(1, [0, 1]) })];
    const [unproven, notRun] = [provenReport({ held: null }), provenReport({ command: null })];
    expect(runVerdict("implement", [pass, fail, unproven])).toBe("fail");
    expect(runVerdict("implement", [pass, unproven, notRun])).toBe("not_proven");
    expect(runVerdict("implement", [pass, notRun])).toBe("pass");
    expect(runVerdict("implement", [notRun])).toBe("not_run");
    // One repository's test proves the bug for all.
    expect(runVerdict("bugfix", [pass, provenReport({ regression: regression(true) })])).toBe("pass");
  });

  it("says in gate G4 what was and was not seen, and that a person decides", () => {
    const findings = [{ kind: "test-deleted", path: "a.test.js", line: null, message: "Tests are deleted." } as const];
    const gate = qualityGate(
      "implement",
      provenReport({ findings, held: held(1, [0, 1], "ok 1 - a", "not ok 1 - a") }),
      undefined,
    );
    expect(gate.status).toBe("skipped");
    expect(gate.evidence.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'Not proven: The base\'s own tests fail against the patch (exit code 1): "a".',
      "Not proven: a.test.js: Tests are deleted.",
      "Decision: Tests don't prove this change. A person decides whether it is right.",
      "Test command: npm test",
      "Before the patch: pass, 1 test",
      "After the patch: pass, 1 test",
      "The base's own tests against the patch: fail (exit code 1), 1 of 1 tests failed",
    ]);
    expect(qualityGate("implement", provenReport({}), undefined).status).toBe("pass");
    expect(qualityGate("implement", provenReport({ after: suite(1) }), undefined).status).toBe("fail");
    const none = qualityGate("implement", provenReport({ after: suite(0, [0, 0]) }), undefined);
    expect([none.status, none.evidence[0]]).toEqual([
      "skipped",
      { label: "Not run", value: "0 tests ran.", url: null },
    ]);
  });
});
