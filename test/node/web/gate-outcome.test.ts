import { expect, it } from "vitest";
import { gateOutcome } from "../../../web/features/run/model/gate-outcome.ts";

it("calls a skipped gate of tests not proven, since a person decides in its place", () => {
  expect(gateOutcome({ gate: "G4", status: "skipped" })).toBe("not proven");
  expect(gateOutcome({ gate: "G1", status: "skipped" })).toBe("skipped");
  expect(gateOutcome({ gate: "G4", status: "pass" })).toBe("passed");
  expect(gateOutcome({ gate: "G4", status: "fail" })).toBe("failed");
});
