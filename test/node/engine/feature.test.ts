import { afterEach, describe, expect, it } from "vitest";
import { decidePatchSet } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { files, fix, review, states, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

describe("a feature", () => {
  const triage = (id: string, decision: "GO" | "NO_GO" | "DEFER") =>
    use(id, "submit_triage", { decision, reasons: ["Looked at sum.js."] });
  const architecture = (id: string) =>
    use(id, "submit_architecture", {
      title: "Adding",
      architecture: "One function.",
      scope: ["sum.js"],
      non_goals: [],
      acceptance_criteria: ["sum(1, 1) is 2"],
    });
  const plan = (id: string, dependsOn: readonly number[] = [0]) =>
    use(id, "submit_plan", {
      summary: "Two steps.",
      tasks: [
        { title: "Fix", type: "bug", description: "", acceptance_criteria: ["It adds."], depends_on: [] },
        { title: "Test", type: "task", description: "", acceptance_criteria: [], depends_on: [...dependsOn] },
      ],
    });

  it("is triaged, architected and planned before a line is written, and its patches name their tasks", async () => {
    harness = EngineHarness.start({ ...files, "AGENTS.md": "Use two spaces.\n" });
    harness.begin("feature", "do it", [
      { layer: "tenant", source: "settings", text: "Be kind." },
      { layer: "project", source: "settings", text: "Be brief." },
    ]);
    const done = (id: string, tasks?: readonly number[]) =>
      use(id, "finish", { title: "Add", summary: "It adds.", ...(tasks === undefined ? {} : { tasks }) });
    harness.turns = [
      [triage("a", "GO")],
      [architecture("b")],
      [plan("c", [1])],
      [plan("d")],
      [fix("e"), done("f")],
      [done("g", [7])],
      [done("h", [0, 1])],
      [review("i")],
    ];
    await harness.drive();
    expect(states(harness)).toEqual([
      "TRIAGING",
      "ARCHITECTING",
      "PLANNING",
      "CODING",
      "REVIEWING",
      "TESTING",
      "PATCHES_PROPOSED",
      "WAITING_APPROVAL",
    ]);
    const view = harness.journal.view();
    expect(Object.keys(view.artifacts).sort()).toEqual([
      "architecture",
      "decision",
      "plan",
      "review",
      "scope",
      "test_report",
    ]);
    expect(view.gates.G1?.status).toBe("pass");
    expect(harness.events().find((event) => event.type === "patch_set.proposed")?.data).toMatchObject({
      tasks: [0, 1],
    });
    const refused = harness
      .events()
      .flatMap((event) =>
        event.type === "tool.finished" && event.data.outcome === "error" ? [event.data.output] : [],
      );
    expect(refused).toEqual([
      'Task 1 ("Test") depends on itself. Take 1 out of its depends_on.',
      expect.stringContaining("Name the plan's tasks"),
      "The plan has no task 7.",
    ]);
    const coder = harness.requests[4];
    expect(coder?.system).toMatch(/Be kind\.[\s\S]*Be brief\.[\s\S]*Use two spaces\./u);
    expect(JSON.stringify(coder?.messages)).toContain("sum(1, 1) is 2");
    expect(view.prompts["coder#1"]?.map((part) => part.layer)).toEqual([
      "default",
      "tenant",
      "project",
      "repository",
      "prompt",
    ]);
  });

  it.each([
    ["NO_GO", "DECLINED"],
    ["DEFER", "DEFERRED"],
  ] as const)("ends at triage with %s", async (decision, state) => {
    harness = EngineHarness.start(files);
    harness.begin("feature");
    harness.turns = [[triage("a", decision)]];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state, cause: "Looked at sum.js." });
  });

  it("as a plan becomes tickets once its hash is approved, and changes go back to the planner", async () => {
    harness = EngineHarness.start(files);
    harness.begin("plan");
    harness.turns = [[use("w", "write_file", { path: "x", content: "x" }), plan("a")], [plan("b")]];
    await harness.drive();
    expect(states(harness)).toEqual(["PLANNING", "WAITING_APPROVAL"]);
    const first = harness.journal.view().proposal;
    if (first === undefined) throw new Error("no proposal");
    expect(harness.events().some((event) => event.type === "tool.finished" && event.data.outcome === "refused")).toBe(
      true,
    );
    expect(
      decidePatchSet(
        harness.journal,
        { hash: "0".repeat(64), baseCommit: first.baseCommit, decision: "approve", comment: "", by: ada },
        1,
      ),
    ).toMatchObject({ code: "patch_set_stale" });
    decidePatchSet(harness.journal, { ...first, decision: "request_changes", comment: "Smaller.", by: ada }, 1);
    await harness.drive();
    expect(harness.writes).toEqual([]);
    const second = harness.journal.view().proposal;
    if (second === undefined) throw new Error("no proposal");
    expect(decidePatchSet(harness.journal, { ...second, decision: "approve", comment: "", by: ada }, 1)).toEqual({
      ok: true,
    });
    await harness.drive();
    expect(states(harness)).toEqual([
      "PLANNING",
      "WAITING_APPROVAL",
      "PLANNING",
      "WAITING_APPROVAL",
      "APPLYING",
      "DONE",
    ]);
    expect(harness.writes).toHaveLength(2);
    expect(harness.events().find((event) => event.type === "tickets.created")?.data).toMatchObject({
      tickets: [
        { key: "K-1", title: "Fix" },
        { key: "K-2", title: "Test" },
      ],
    });
  });
});
