import { afterEach, describe, expect, it } from "vitest";
import { EngineHarness } from "./harness.ts";
import { sabotage, saboteurs } from "./saboteurs.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

describe("a coder that sabotages the proof", () => {
  it.each(saboteurs.filter(({ isOfProcesses }) => isOfProcesses !== true))(
    "and $name gets no green gate",
    async (saboteur) => {
      harness = EngineHarness.start(saboteur.base);
      const { g4, state } = await sabotage(harness, saboteur);
      expect(g4).not.toContain("pass");
      expect(["NEEDS_HUMAN", "WAITING_APPROVAL"]).toContain(state);
    },
  );
});
