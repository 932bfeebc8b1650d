import { describe, expect, it } from "vitest";
import { askingChecks, checkClass, ciGate, ciVerdict, missingChecks, type Check } from "../../../domain/run/ci.ts";

function check(conclusion: string | null, fields: Partial<Check> = {}): Check {
  return {
    repositoryId: "1",
    checkId: fields.name ?? "1",
    source: "check_run",
    name: "test",
    appId: null,
    commit: "c".repeat(40),
    status: conclusion === null ? "in_progress" : "completed",
    conclusion,
    url: null,
    isSuperseded: false,
    ...fields,
  };
}

const needs = (name: string, appId: string | null = null) => [{ name, appId }];

describe("the class of a check", () => {
  it.each([
    ["success", "passed"],
    ["failure", "failed"],
    ["timed_out", "failed"],
    ["startup_failure", "failed"],
    ["something new", "failed"],
    ["action_required", "asks"],
    ["neutral", "skipped"],
    ["skipped", "skipped"],
    ["cancelled", "uncounted"],
    ["stale", "uncounted"],
    [null, "running"],
  ] as const)("of %s is %s", (conclusion, expected) => {
    expect(checkClass(check(conclusion))).toBe(expected);
    expect(checkClass(check(conclusion, { isSuperseded: true }))).toBe("uncounted");
  });
});

describe("the verdict over a commit's checks", () => {
  it("is none without any check, which skips gate G5 and does not pass it", () => {
    expect(ciVerdict([], [])).toBe("none");
    expect(ciGate([], [])).toMatchObject({
      status: "skipped",
      evidence: [{ value: "No checks are configured for this commit." }],
    });
    expect(ciVerdict([check("skipped"), check("neutral")], [])).toBe("none");
  });

  it("waits for the end of each, then one failure is enough", () => {
    expect(ciVerdict([check("failure"), check(null)], [])).toBe("waiting");
    expect(ciVerdict([check("failure"), check("success")], [])).toBe("failed");
    expect(ciVerdict([check("success", { source: "status" }), check("skipped")], [])).toBe("passed");
    expect(ciGate([check("success"), check("failure", { name: "lint" })], []).status).toBe("fail");
  });

  it("does not count what was cancelled, is out of date or was superseded; of those alone a person is asked", () => {
    expect(ciVerdict([check("success"), check("cancelled"), check("stale")], [])).toBe("passed");
    expect(ciVerdict([check("failure", { isSuperseded: true }), check("success")], [])).toBe("passed");
    expect(ciVerdict([check("cancelled")], [])).toBe("asks");
    expect(ciVerdict([check("success"), check("action_required", { name: "deploy" })], [])).toBe("asks");
    expect(askingChecks([check("success"), check("action_required", { name: "deploy" })], [])).toEqual([
      "deploy (action required)",
    ]);
  });

  it("needs every required check: one that has not reported is missing, a cancelled one asks a person", () => {
    expect(ciVerdict([check("success")], needs("build"))).toBe("missing");
    expect(ciVerdict([], needs("build"))).toBe("missing");
    expect(ciVerdict([check("failure")], needs("build"))).toBe("failed");
    expect(ciVerdict([check("success"), check("success", { name: "build" })], needs("build"))).toBe("passed");
    expect(ciVerdict([check("skipped", { name: "build" })], needs("build"))).toBe("passed");
    expect(ciVerdict([check("success"), check("cancelled", { name: "build" })], needs("build"))).toBe("asks");
    expect(missingChecks([check("success", { name: "build", isSuperseded: true })], needs("build"))).toHaveLength(1);
  });

  it("holds a required check to its app where the rule names one", () => {
    const byOther = check("success", { name: "build", appId: "2" });
    expect(ciVerdict([byOther], needs("build", "1"))).toBe("missing");
    expect(ciVerdict([byOther], needs("build", "2"))).toBe("passed");
    // A status does not say which app made it.
    expect(ciVerdict([check("success", { name: "build", source: "status" })], needs("build", "1"))).toBe("passed");
  });

  it("counts a job only where it is required: its workflow run speaks for it otherwise", () => {
    const job = check("failure", { source: "job", name: "flaky" });
    const workflow = check("success", { source: "workflow_run", name: "CI" });
    expect(ciVerdict([workflow, job], [])).toBe("passed");
    expect(ciVerdict([workflow, job], needs("flaky"))).toBe("failed");
    expect(ciVerdict([workflow], needs("CI"))).toBe("missing");
  });
});
