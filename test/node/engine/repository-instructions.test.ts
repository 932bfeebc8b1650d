import { afterEach, describe, expect, it } from "vitest";
import { EngineHarness } from "./harness.ts";
import { files, finish, fix, review } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

async function systemPromptWith(more: Readonly<Record<string, string>>): Promise<string> {
  harness = EngineHarness.start({ ...files, ...more });
  harness.begin("implement");
  harness.turns = [[fix("a")], [finish("b")], [review("c")]];
  await harness.drive();
  return harness.requests[0]?.system ?? "";
}

describe("the repository's own instructions", () => {
  it("of a folder reach the agent with the folder for which they count", async () => {
    const system = await systemPromptWith({
      "AGENTS.md": "Use tabs.\n",
      "packages/a/AGENTS.md": "Here we use spaces.\n",
      "packages/b/CLAUDE.md": `${"x".repeat(25_000)}\n`,
      "packages/c/AGENTS.md": " \n",
    });
    expect(system).toContain("Use tabs.");
    expect(system).toContain("These count for files below packages/a/ only.\n\nHere we use spaces.");
    expect(system).toContain("- packages/b/CLAUDE.md");
    expect(system).not.toContain("packages/c");
    expect(system.indexOf("Use tabs.")).toBeLessThan(system.indexOf("Here we use spaces."));
  });

  it("that are too long say where they were cut", async () => {
    const system = await systemPromptWith({ "AGENTS.md": "y".repeat(40_000) });
    expect(system).toContain("Only the first 30000 of 40000 bytes are here. Read the rest with read_file AGENTS.md.");
  });
});
