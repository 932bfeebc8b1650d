import { afterEach, describe, expect, it } from "vitest";
import { EngineHarness } from "./harness.ts";
import { use } from "./scenario.ts";

const files = { "src/a.js": "export const a = 1;\n", "docs/a.md": "a\n" };
const finish = (id: string) => use(id, "finish", { title: "Change it", summary: "Changed." });
const approve = (id: string) => use(id, "submit_review", { verdict: "approve", summary: "Read.", findings: [] });

let harness: EngineHarness;
afterEach(() => harness.close());

function outcomes(): readonly string[] {
  return harness
    .events()
    .flatMap((event) => (event.type === "tool.finished" ? [`${event.data.outcome}: ${event.data.output}`] : []));
}

describe("a run that may change only some paths", () => {
  it("is refused other files by every tool, with the reason, and proposes the allowed changes", async () => {
    harness = EngineHarness.start(files);
    harness.constraints = { paths: ["src"], tools: null };
    harness.begin("implement");
    harness.turns = [
      [
        use("a", "write_file", { path: "docs/b.md", content: "b" }),
        use("b", "edit_file", { path: "src/../docs/a.md", old_string: "a", new_string: "b" }),
        use("c", "shell", { command: "echo b > docs/a.md; echo b > src/a.js" }),
        finish("d"),
      ],
      [use("e", "shell", { command: "git checkout docs/a.md" }), finish("f")],
      [approve("g")],
    ];
    await harness.drive();
    const [write, edit, , refused] = outcomes();
    expect(write).toBe("error: This run may change only: src.");
    expect(edit).toBe("error: This run may change only: src.");
    expect(refused).toContain("Undo the changes to: docs/a.md");
    const view = harness.journal.view();
    expect(view.state).toBe("WAITING_APPROVAL");
    expect(harness.journal.work("1").map(({ path }) => path)).toEqual(["src/a.js"]);
    expect(JSON.stringify(harness.requests[0]?.messages)).toContain("Only these paths may change: src");
  });

  it("is blocked by policy if a forbidden change gets that far", async () => {
    harness = EngineHarness.start(files);
    harness.constraints = { paths: ["src"], tools: null };
    harness.begin("implement");
    // The events after finish are not part of the stage's request.
    harness.turns = [[use("a", "write_file", { path: "src/a.js", content: "b" }), finish("b")], [approve("c")]];
    while (harness.journal.view().state !== "PATCHES_PROPOSED") await harness.step();
    const [change] = harness.journal.work("1");
    if (change === undefined) throw new Error("no change");
    harness.journal.commit({
      events: [],
      work: [{ repositoryId: "1", changes: [change, { ...change, path: "docs/b.md" }] }],
    });
    await harness.drive();
    expect(harness.journal.view().state).toBe("BLOCKED_POLICY");
    const violations = harness
      .events()
      .flatMap((event) => (event.type === "policy.evaluated" ? event.data.violations : []));
    expect(violations).toContainEqual(
      expect.objectContaining({ rule: "allowed-paths", severity: "BLOCK", path: "docs/b.md" }),
    );
  });
});

describe("a run that may use only some tools", () => {
  it("is shown these, and refused all others", async () => {
    harness = EngineHarness.start(files);
    harness.constraints = { paths: null, tools: ["read_file", "write_file"] };
    harness.begin("implement");
    harness.turns = [
      [
        use("a", "shell", { command: "echo b > src/a.js" }),
        use("b", "write_file", { path: "src/a.js", content: "b" }),
        finish("c"),
      ],
      [approve("d")],
    ];
    await harness.drive();
    expect(harness.requests[0]?.tools.map(({ name }) => name)).toEqual([
      "read_file",
      "read_output",
      "write_file",
      "ask_person",
      "finish",
    ]);
    expect(outcomes()[0]).toMatch(/^refused: This run may not use "shell"\. Tools: /u);
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});
