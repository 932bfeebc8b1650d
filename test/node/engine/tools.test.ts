import { afterEach, describe, expect, it } from "vitest";
import { constrainableTools, runModes, stages, type RunMode, type Stage } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { pinnedTool } from "../../../domain/run/compaction.ts";
import { defineToolByJsonSchema } from "../../../worker/services/run/tools/definition.ts";
import * as commands from "../../../worker/services/run/tools/definitions/commands.ts";
import * as fileTools from "../../../worker/services/run/tools/definitions/files.ts";
import * as git from "../../../worker/services/run/tools/definitions/git.ts";
import * as people from "../../../worker/services/run/tools/definitions/people.ts";
import * as search from "../../../worker/services/run/tools/definitions/search.ts";
import * as stageEnds from "../../../worker/services/run/tools/definitions/stage-ends.ts";
import { builtInTools, shownTools, toolsFor } from "../../../worker/services/run/tools/registry.ts";
import { EngineHarness } from "./harness.ts";

const schema = {
  type: "object",
  properties: { key: { type: "string", pattern: "^(a+)+$" }, pattern: { type: "integer" } },
  required: ["key"],
  additionalProperties: false,
};
const called: unknown[] = [];
const issueTool = defineToolByJsonSchema({
  name: "read_issue",
  description: "Reads an issue of the tracker.",
  inputSchema: schema,
  stages: ["coder"],
  mutates: false,
  repeatable: true,
  constrainable: true,
  run: async (_context, input) => {
    called.push(input);
    return "The total is wrong.";
  },
});

function namesOf(stage: Stage, mode: RunMode, allowed: readonly string[] | null = null): readonly string[] {
  return toolsFor(stage, mode, allowed).map(({ name }) => name);
}

describe("the list of tools", () => {
  it("holds every definition once, under a name of its own", () => {
    const defined = [commands, fileTools, git, people, search, stageEnds].flatMap((file) =>
      Object.entries<unknown>(file).flatMap(([name, value]) => (name.endsWith("Tool") ? [value] : [])),
    );
    expect(new Set(builtInTools)).toEqual(new Set(defined));
    expect(builtInTools).toHaveLength(defined.length);
    expect(new Set(builtInTools.map(({ name }) => name)).size).toBe(builtInTools.length);
  });

  it("gives every tool one way to be carried out, and every ending to one tool", () => {
    for (const { asks, ends, name, run } of builtInTools)
      expect([name, [asks, ends, run].filter((handler) => handler !== undefined).length]).toEqual([name, 1]);
    const endings = builtInTools.flatMap(({ ends }) => ends ?? []);
    expect(endings.toSorted()).toEqual(["architecture", "finish", "plan", "review", "triage"]);
  });

  it("agrees with the contract on the tools that a run's start can leave out", () => {
    expect(builtInTools.flatMap(({ constrainable, name }) => (constrainable ? [name] : []))).toEqual(
      constrainableTools,
    );
  });

  it("runs no tool again that changes the work tree, but the tests", () => {
    const again = builtInTools.filter(({ mutates, repeatable }) => mutates && repeatable);
    expect(again.map(({ name }) => name)).toEqual(["run_tests"]);
  });

  it("asks a person by the tool whose answers a shortened conversation keeps", () => {
    expect(builtInTools.flatMap(({ asks, name }) => (asks === undefined ? [] : [name]))).toEqual([pinnedTool]);
  });

  it("lets only authors of a product, architects and planners ask a person", () => {
    const asking = runModes.map((mode) => [
      mode,
      stages.filter((stage) => namesOf(stage, mode).includes("ask_person")),
    ]);
    for (const [mode, found] of asking)
      expect([mode, found]).toEqual([
        mode,
        stages.filter(
          (stage) => ["architect", "planner", "coder"].includes(stage) || modes[mode as RunMode].author === stage,
        ),
      ]);
  });

  it("ends each stage of each mode with exactly one tool, which the model sees last", () => {
    for (const mode of runModes)
      for (const stage of modes[mode].stages.filter((each) => each !== "tester")) {
        const tools = toolsFor(stage, mode, ["read_file"]);
        expect(tools.filter(({ ends }) => ends !== undefined)).toEqual([tools.at(-1)]);
      }
    expect(namesOf("tester", "bugfix")).toEqual([]);
  });

  it("shows the same bytes at every call", () => {
    const twice = [1, 2].map(() => JSON.stringify(shownTools("coder", "bugfix", null)));
    expect(twice[0]).toBe(twice[1]);
    expect(namesOf("coder", "bugfix", ["shell"])).toEqual(["read_output", "shell", "ask_person", "finish"]);
  });
});

describe("a tenant's own tool", () => {
  let harness: EngineHarness;
  afterEach(() => harness.close());
  const use = (id: string, name: string, input: unknown) => ({ type: "tool_use" as const, id, name, input });

  async function run(constraints: EngineHarness["constraints"] = null): Promise<readonly string[]> {
    called.length = 0;
    harness = EngineHarness.start({ "a.js": "1\n" });
    const deps = { ...harness.deps, extraTools: [issueTool] };
    Object.defineProperty(harness, "deps", { value: deps });
    harness.constraints = constraints;
    harness.begin("implement");
    harness.turns = [
      [
        use("a", "read_issue", { key: "aa!", pattern: 3 }),
        use("b", "read_issue", { key: 1 }),
        use("c", "write_file", { path: "a.js", content: "2\n" }),
        use("d", "finish", { title: "Change it", summary: "Changed." }),
      ],
      [use("e", "read_issue", { key: "a" })],
      [use("f", "submit_review", { verdict: "approve", summary: "Fine.", findings: [] })],
    ];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    return harness
      .events()
      .flatMap(({ data, type }) =>
        type === "tool.finished" && data.name === "read_issue" ? [`${data.outcome}: ${data.output}`] : [],
      );
  }

  it("is shown behind the product's tools, called by its name, checked by its schema, and refused in another stage", async () => {
    const [answer, wrong, foreign] = await run();
    expect(answer).toBe("ok: The total is wrong.");
    expect(called).toEqual([{ key: "aa!", pattern: 3 }]);
    expect(wrong).toMatch(/^error: The input of read_issue is not valid\. key: /u);
    expect(foreign).toMatch(/^refused: There is no tool "read_issue" in this stage\. Tools: read_file, /u);
    expect(harness.requests[0]?.tools.at(-1)).toEqual({
      name: "read_issue",
      description: "Reads an issue of the tracker.",
      inputSchema: schema,
    });
    expect(harness.requests[1]?.tools.map(({ name }) => name)).not.toContain("read_issue");
  });

  it("is held to the run's list of allowed tools", async () => {
    const [refused] = await run({ paths: null, tools: ["write_file"] });
    expect(refused).toMatch(/^refused: This run may not use "read_issue"\. Tools: /u);
    expect(called).toEqual([]);
    expect(harness.requests[0]?.tools.map(({ name }) => name)).not.toContain("read_issue");
  });

  it("can't take the name of another tool", async () => {
    harness = EngineHarness.start({});
    expect(() => toolsFor("coder", "implement", null, [{ ...issueTool, name: "shell" }])).toThrow("two tools");
  });
});
