import type { GateResult } from "../../../../contracts/run-events.ts";

/** The outcome of a gate, for a person. A gate of tests that is skipped has proved nothing: a person decides instead. */
export type GateOutcome = "passed" | "failed" | "not proven" | "skipped";

const outcomes = { pass: "passed", fail: "failed", skipped: "skipped" } as const;

/** The outcome of an evaluated gate. */
export function gateOutcome({ gate, status }: Pick<GateResult, "gate" | "status">): GateOutcome {
  return gate === "G4" && status === "skipped" ? "not proven" : outcomes[status];
}
