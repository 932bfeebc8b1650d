import { afterEach, describe, expect, it } from "vitest";
import { PortError } from "../../../worker/ports/errors.ts";
import { resumeRun, setLimits } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { files, finish, fix, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

describe("a model", () => {
  it("is tried again after a fault, and nothing of the failed call counts", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      new PortError("llm", "transient", "overloaded", "x", { retryAfterMs: 5000 }),
      [fix("a"), finish("b")],
      new PortError("llm", "transient", "stream_cut", "x"),
      [review("c")],
    ];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(harness.journal.view().totalTurns).toBe(2);
    expect(harness.events().flatMap((event) => (event.type === "turn.failed" ? [event.data.code] : []))).toEqual([
      "overloaded",
      "stream_cut",
    ]);
  });

  it("whose key is refused leaves the run resumable, with its cause", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [new PortError("llm", "permanent", "unauthorized", "x"), [fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({
      state: "NEEDS_HUMAN",
      cause: expect.stringContaining("refused the key"),
    });
    resumeRun(harness.journal, ada, harness.nowMs);
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });

  it("that declines ends the run with its words", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[use("a", "finish", { title: "No", summary: "I can't do that.", outcome: "declined" })]];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "DECLINED", cause: "I can't do that." });
  });

  it("keeps a byte-stable prefix over its turns", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[use("a", "read_file", { path: "sum.js" })], [fix("b")], [finish("c")], [review("d")]];
    await harness.drive();
    const texts = harness.requests.slice(0, 3).map((request) => JSON.stringify(request.messages).slice(0, -1));
    expect(texts[1]?.startsWith(texts[0] ?? "-")).toBe(true);
    expect(texts[2]?.startsWith(texts[1] ?? "-")).toBe(true);
  });
});

describe("a stage", () => {
  it("reads the rest of a long output by range", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [use("a", "shell", { command: "seq 1 20000" })],
      [use("b", "read_output", { output: "1.1", offset: 40_000, length: 30 })],
      [use("c", "read_output", { output: "9.9", offset: 0 })],
      [fix("d"), finish("e")],
      [review("f")],
    ];
    await harness.drive();
    const outputs = harness.events().flatMap((event) => (event.type === "tool.finished" ? [event.data.output] : []));
    expect(outputs[0]).toContain('read_output with output "1.1"');
    expect(outputs[0]).not.toContain("\n9000\n");
    expect(outputs[1]).toMatch(/^\[characters 40000 to 40030 of 108\d+; offset 40030 goes on\]\n[\d\n]{30}$/u);
    expect(outputs[2]).toContain("No output is kept");
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });

  it("tells the model once that its report does not fit, then stops plainly, and a resume begins anew", async () => {
    harness = EngineHarness.start(files);
    harness.begin("plan");
    const wrong = (id: string) => use(id, "submit_plan", { summary: "s", tasks: "many" });
    harness.turns = [[wrong("a")], [wrong("b")]];
    await harness.drive();
    const { cause, state } = harness.journal.view();
    expect(state).toBe("NEEDS_HUMAN");
    expect(cause).toContain("did not fit its schema, 2 times");
    expect(JSON.stringify(harness.requests[1]?.messages)).toContain("The input of submit_plan is not valid. tasks:");
    const task = { title: "One", type: "task", description: "d", acceptance_criteria: [], depends_on: [] };
    harness.turns = [[use("c", "submit_plan", { summary: "s", tasks: [task] })]];
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});

describe("a budget", () => {
  it("stops before the next call, warns at four fifths, and goes on when raised", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    setLimits(harness.journal, ada, { costMicros: 250 });
    harness.turns = [
      [use("a", "read_file", { path: "sum.js" })],
      [fix("b")],
      [use("c", "read_file", { path: "sum.js" })],
      [finish("d")],
      [review("e")],
    ];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({
      state: "NEEDS_HUMAN",
      costMicros: 300,
      cause: expect.stringContaining("budget"),
    });
    expect(harness.requests).toHaveLength(3);
    expect(harness.events().filter((event) => event.type === "budget.warned")).toHaveLength(1);
    setLimits(harness.journal, ada, { costMicros: 1000 });
    resumeRun(harness.journal, ada, harness.nowMs);
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });

  it("of zero makes no call at all", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    setLimits(harness.journal, ada, { costMicros: 0 });
    await harness.drive();
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(harness.requests).toHaveLength(0);
  });
});
