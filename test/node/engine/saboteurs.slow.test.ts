import { afterEach, describe, expect, it } from "vitest";
import { EngineHarness } from "./harness.ts";
import { sabotage, saboteurs } from "./saboteurs.ts";

/* Every saboteur against a real host, with real processes and Node's own test runner. */
let harness: EngineHarness;
afterEach(() => harness.close());

describe("a coder that sabotages the proof", () => {
  it.each(saboteurs)("and $name gets no green gate", { timeout: 300_000 }, async (saboteur) => {
    harness = await EngineHarness.startOnHost(saboteur.base);
    const { g4, state } = await sabotage(harness, saboteur);
    expect(g4).not.toContain("pass");
    expect(["NEEDS_HUMAN", "WAITING_APPROVAL"]).toContain(state);
  });
});
