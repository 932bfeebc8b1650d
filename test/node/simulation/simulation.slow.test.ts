import { describe, expect, it } from "vitest";
import { Coverage } from "../../simulation/coverage.ts";
import { simulate } from "../../simulation/simulate.ts";

describe("the seeded simulation", () => {
  it(
    "lives 2,000 histories without a broken invariant, and comes across everything that matters",
    { timeout: 300_000 },
    async () => {
      const coverage = new Coverage();
      const failure = await simulate(1, 2000, coverage);
      expect(failure, failure?.trace.join("\n")).toBeUndefined();
      for (const state of [
        "NEEDS_HUMAN",
        "BLOCKED_POLICY",
        "WAITING_APPROVAL",
        "VERIFYING_CI",
        "DONE",
        "DECLINED",
        "DEFERRED",
        "CANCELLED",
        "FAILED",
      ]) {
        expect(coverage.of("state", state), state).toBeGreaterThan(0);
      }
      for (const trigger of ["review_posted", "pull_request_moved"])
        expect(coverage.of("trigger", trigger), trigger).toBeGreaterThan(0);
      expect(coverage.of("event", "plan.revised")).toBeGreaterThan(0);
      for (const command of ["revise plan done", "revise plan refused", "revise an older plan refused"])
        expect(coverage.of("command", command), command).toBeGreaterThan(0);
      for (const fault of [
        "sandbox died",
        "forge 502 after commit",
        "forge 502 after pull request",
        "model 529",
        "model stream cut",
        "model flood",
        "clock backwards",
        "forge 502 after review",
        "pull request pushed to",
        "pull request closed",
        "crash after forge review",
        "crash after forge commit",
        "database reply lost",
      ]) {
        expect(coverage.of("fault", fault), fault).toBeGreaterThan(0);
      }
    },
  );
});
