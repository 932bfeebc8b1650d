import { expect, it } from "vitest";
import { gateStanding } from "../../../web/features/run/model/gate-standing.ts";

it("calls a skipped gate of tests not proven, since a person decides in its place", () => {
  expect(gateStanding({ gate: "G4", status: "skipped" })).toBe("not proven");
  expect(gateStanding({ gate: "G1", status: "skipped" })).toBe("skipped");
  expect(gateStanding({ gate: "G4", status: "pass" })).toBe("passed");
  expect(gateStanding({ gate: "G4", status: "fail" })).toBe("failed");
});
