import type { GateResult } from "../../../../contracts/run-events.ts";

/** How a gate stands, for a person. A gate of tests that is skipped has proved nothing: a person decides instead. */
export type GateStanding = "passed" | "failed" | "not proven" | "skipped";

const standings = { pass: "passed", fail: "failed", skipped: "skipped" } as const;

/** The standing of an evaluated gate. */
export function gateStanding({ gate, status }: Pick<GateResult, "gate" | "status">): GateStanding {
  return gate === "G4" && status === "skipped" ? "not proven" : standings[status];
}
