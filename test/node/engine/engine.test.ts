import { afterEach, describe, expect, it } from "vitest";
import { ledgerEntrySchema } from "../../../contracts/ledger.ts";
import { fold } from "../../../domain/run/fold.ts";
import { verifyLedger } from "../../../domain/ledger/chain.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import {
  answerQuestion,
  cancelRun,
  changeMessage,
  decidePatchSet,
  pauseRun,
  resumeRun,
  sendMessage,
  setLimits,
} from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";

const files = {
  "package.json": JSON.stringify({ name: "sum", type: "module", scripts: { test: "node --test" } }),
  "sum.js": "export const sum = (a, b) => a - b;\n",
  "test/zero.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "../sum.js";\ntest("zero", () => assert.equal(sum(0, 0), 0));\n',
};
const regression =
  'import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "../sum.js";\ntest("two", () => assert.equal(sum(1, 1), 2));\n';

let harness: EngineHarness;
afterEach(() => harness.close());

const use = (id: string, name: string, input: unknown) => ({ type: "tool_use" as const, id, name, input });
const fix = (id: string) => use(id, "edit_file", { path: "sum.js", old_string: "a - b", new_string: "a + b" });
const addTest = (id: string) => use(id, "write_file", { path: "test/two.test.js", content: regression });
const finish = (id: string) => use(id, "finish", { title: "Add, not subtract", summary: "It subtracted." });
const review = (id: string, verdict: "approve" | "send_back" = "approve") =>
  use(id, "submit_review", {
    verdict,
    summary: "Read it.",
    findings: verdict === "approve" ? [] : [{ path: "sum.js", line: 1, severity: "blocker", message: "Look again." }],
  });
const ada = { id: "1", name: "Ada", avatarUrl: null };

function approve(): void {
  const { patchSet } = harness.journal.view();
  if (patchSet === undefined) throw new Error("no patch set");
  expect(
    decidePatchSet(
      harness.journal,
      { hash: patchSet.hash, baseCommit: patchSet.baseCommit, decision: "approve", comment: "", by: ada },
      harness.nowMs,
    ),
  ).toEqual({ ok: true });
}

function states(): readonly string[] {
  return harness.events().flatMap((event) => (event.type === "run.state_changed" ? [event.data.to] : []));
}

describe("a bug fix", () => {
  it("walks from the prompt to done, with its proof", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("bugfix");
    harness.turns = [
      [addTest("a"), use("b", "run_tests", {})],
      [fix("c"), use("d", "run_tests", {})],
      [finish("e")],
      [review("f")],
    ];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(harness.writes).toEqual([]);
    expect(harness.journal.view().tests).toMatchObject({
      before: { exitCode: 0 },
      after: { exitCode: 0 },
      regression: { failedOnBase: true, paths: ["test/two.test.js"] },
    });
    approve();
    await harness.drive();
    expect(states()).toEqual([
      "CODING",
      "REVIEWING",
      "TESTING",
      "PATCHES_PROPOSED",
      "WAITING_APPROVAL",
      "APPLYING",
      "PR_OPEN",
      "VERIFYING_CI",
      "DONE",
    ]);
    expect(harness.writes).toEqual(["commit", "branch", "pull_request"]);
    expect(Object.values(harness.journal.view().gates).map((gate) => `${gate.gate} ${gate.status}`)).toEqual([
      "G0 pass",
      "G1 skipped",
      "G2 pass",
      "G3 pass",
      "G4 pass",
      "G5 pass",
    ]);
    const entries = harness.store.ledgerTexts().map((text) => ledgerEntrySchema.parse(JSON.parse(text)));
    expect(verifyLedger({ entries, head: entries.at(-1)?.hash ?? "" })).toMatchObject({ ok: true });
    const events = harness.events();
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(fold(events)).toEqual(harness.journal.view());
  });

  it("is not done with a regression test that passes without the fix, nor with failing tests", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("bugfix");
    const weak = use("a", "write_file", {
      path: "test/two.test.js",
      content: regression.replace("1, 1), 2", "0, 0), 0"),
    });
    harness.turns = [
      [weak, fix("b"), finish("c")],
      [review("d")],
      [use("e", "write_file", { path: "sum.js", content: "throw 1;\n" }), finish("f")],
      [review("g")],
      [finish("h")],
      [review("i")],
    ];
    await harness.drive();
    expect(states().slice(0, 7)).toEqual([
      "CODING",
      "REVIEWING",
      "TESTING",
      "CODING",
      "REVIEWING",
      "TESTING",
      "CODING",
    ]);
    expect(harness.journal.view()).toMatchObject({ state: "NEEDS_HUMAN" });
    expect(harness.journal.view().cause).toContain("tests still fail");
    const told = JSON.stringify(harness.requests.at(-2)?.messages);
    expect(told).toContain("does not fail without your fix");
    expect(told).toContain("The tests fail with your patch");
  });
});

describe("the reviewer", () => {
  it("sees the diff and not the coder's talk, and sends back once", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [{ type: "text", text: "SECRET THOUGHTS" }, fix("a"), finish("b")],
      [review("c", "send_back")],
      [finish("d")],
      [review("e", "send_back")],
    ];
    await harness.drive();
    expect(states()).toEqual([
      "CODING",
      "REVIEWING",
      "CODING",
      "REVIEWING",
      "TESTING",
      "PATCHES_PROPOSED",
      "WAITING_APPROVAL",
    ]);
    const asked = JSON.stringify(harness.requests[1]);
    expect(asked).toContain("+export const sum = (a, b) => a + b;");
    expect(asked).not.toContain("SECRET THOUGHTS");
    expect(harness.requests[1]?.tools.map((tool) => tool.name)).toEqual([
      "read_file",
      "list_files",
      "grep",
      "read_output",
      "git_diff",
      "git_log",
      "submit_review",
    ]);
    expect(JSON.stringify(harness.requests[2]?.messages)).toContain("Look again.");
    expect(harness.events().filter((event) => event.type === "run.event_refused")).toHaveLength(1);
  });
});

describe("a person", () => {
  it("requests changes, and the next version replaces the first", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [fix("a"), finish("b")],
      [review("c")],
      [use("d", "write_file", { path: "NOTE.md", content: "x\n" }), finish("e")],
      [review("f")],
    ];
    await harness.drive();
    const first = harness.journal.view().patchSet;
    expect(first?.version).toBe(1);
    expect(
      decidePatchSet(
        harness.journal,
        {
          hash: first?.hash ?? "",
          baseCommit: first?.baseCommit ?? "",
          decision: "request_changes",
          comment: "Add a note",
          by: ada,
        },
        1,
      ),
    ).toEqual({ ok: true });
    await harness.drive();
    const second = harness.journal.view().patchSet;
    expect(second).toMatchObject({ version: 2 });
    expect(second?.hash).not.toBe(first?.hash);
    expect(
      decidePatchSet(
        harness.journal,
        { hash: first?.hash ?? "", baseCommit: first?.baseCommit ?? "", decision: "approve", comment: "", by: ada },
        1,
      ),
    ).toMatchObject({ ok: false, code: "patch_set_stale" });
    approve();
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
  });

  it("cancels, and nothing moves any more", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    expect(cancelRun(harness.journal, ada)).toEqual({ ok: true });
    expect(cancelRun(harness.journal, ada)).toMatchObject({ ok: false, code: "conflict" });
    const { patchSet } = harness.journal.view();
    expect(
      decidePatchSet(
        harness.journal,
        {
          hash: patchSet?.hash ?? "",
          baseCommit: patchSet?.baseCommit ?? "",
          decision: "approve",
          comment: "",
          by: ada,
        },
        1,
      ),
    ).toMatchObject({ ok: false, code: "run_not_waiting" });
    await harness.drive();
    expect(harness.writes).toEqual([]);
  });

  it("goes back to the coder with CI's log when CI fails, and on to the same pull request after another approval", async () => {
    harness = await EngineHarness.start(files);
    harness.workflows = ["failure", "success"];
    harness.begin("implement");
    const note = (id: string) => use(id, "write_file", { path: "NOTES.md", content: "why\n" });
    harness.turns = [[fix("a"), finish("b")], [review("c")], [finish("d")], [note("e"), finish("f")], [review("g")]];
    await harness.drive();
    approve();
    await harness.drive();
    const told = JSON.stringify(harness.requests[2]?.messages);
    expect(told).toContain("run 1: 1 failing");
    expect(told).not.toContain("sk-ant-api03");
    // Finishing without a change was refused: the same bytes would fail again.
    expect(JSON.stringify(harness.requests[3]?.messages)).toContain("Nothing has changed since the pull request");
    const second = harness.journal.view();
    expect(second).toMatchObject({ state: "WAITING_APPROVAL", gates: { G5: { status: "fail" } } });
    expect(second.approval).toBeUndefined();
    expect(harness.writes).toHaveLength(3);
    approve();
    await harness.drive();
    const view = harness.journal.view();
    expect(view).toMatchObject({ state: "DONE", gates: { G5: { status: "pass" } } });
    const commits = harness.events().flatMap((event) => (event.type === "pull_request.opened" ? [event.data] : []));
    expect(commits.map(({ number }) => number)).toEqual([1, 1]);
    const [first, next] = commits.map(({ commit }) => commit.slice(0, 4));
    expect(harness.writes.slice(3)).toEqual(["commit", `advance ${first} to ${next}`, "pull_request"]);
  });

  it("waits no longer for a CI that there isn't when the clock is set back a day", async () => {
    harness = await EngineHarness.start(files);
    harness.workflows = ["none"];
    harness.nowMs = 2 * 86_400_000;
    harness.begin("implement");
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    approve();
    while (harness.journal.view().state !== "VERIFYING_CI") await harness.step();
    harness.nowMs -= 86_400_000;
    const setBackAtMs = harness.nowMs;
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "DONE", gates: { G5: { status: "skipped" } } });
    expect(harness.nowMs - setBackAtMs).toBeLessThan(120_000);
  });

  it("asks a person when CI keeps failing, and resumes once CI is green", async () => {
    harness = await EngineHarness.start(files);
    harness.workflows = ["failure"];
    harness.begin("implement");
    const note = (id: string) => use(id, "write_file", { path: "NOTES.md", content: `${id}\n` });
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    for (const attempt of ["d", "e"])
      harness.turns.push([note(attempt), finish(`${attempt}f`)], [review(`${attempt}r`)]);
    for (let version = 1; version <= 3; version += 1) {
      await harness.drive();
      approve();
    }
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "NEEDS_HUMAN", gates: { G5: { status: "fail" } } });
    harness.workflows = ["failure", "failure", "success"];
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
    expect(harness.writes.filter((write) => write === "branch")).toHaveLength(1);
  });
});

describe("a model", () => {
  it("is tried again after a fault, and nothing of the failed call counts", async () => {
    harness = await EngineHarness.start(files);
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
    harness = await EngineHarness.start(files);
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
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[use("a", "finish", { title: "No", summary: "I can't do that.", outcome: "declined" })]];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "DECLINED", cause: "I can't do that." });
  });

  it("keeps a byte-stable prefix over its turns", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[use("a", "read_file", { path: "sum.js" })], [fix("b")], [finish("c")], [review("d")]];
    await harness.drive();
    const texts = harness.requests.slice(0, 3).map((request) => JSON.stringify(request.messages).slice(0, -1));
    expect(texts[1]?.startsWith(texts[0] ?? "-")).toBe(true);
    expect(texts[2]?.startsWith(texts[1] ?? "-")).toBe(true);
  });
});

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
    harness = await EngineHarness.start({ ...files, "AGENTS.md": "Use two spaces.\n" });
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
    expect(states()).toEqual([
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
      "Task 1 depends on 1, which is not an earlier task of the list.",
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
    harness = await EngineHarness.start(files);
    harness.begin("feature");
    harness.turns = [[triage("a", decision)]];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state, cause: "Looked at sum.js." });
  });

  it("as a plan becomes tickets once its hash is approved, and changes go back to the planner", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("plan");
    harness.turns = [[use("w", "write_file", { path: "x", content: "x" }), plan("a")], [plan("b")]];
    await harness.drive();
    expect(states()).toEqual(["PLANNING", "WAITING_APPROVAL"]);
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
    expect(states()).toEqual(["PLANNING", "WAITING_APPROVAL", "PLANNING", "WAITING_APPROVAL", "APPLYING", "DONE"]);
    expect(harness.writes).toHaveLength(2);
    expect(harness.events().find((event) => event.type === "tickets.created")?.data).toMatchObject({
      tickets: [
        { key: "K-1", title: "Fix" },
        { key: "K-2", title: "Test" },
      ],
    });
  });
});

describe("a stage", () => {
  it("reads the rest of a long output by range", async () => {
    harness = await EngineHarness.start(files);
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
    harness = await EngineHarness.start(files);
    harness.begin("plan");
    const wrong = (id: string) => use(id, "submit_plan", { summary: "s", tasks: "many" });
    harness.turns = [[wrong("a")], [wrong("b")]];
    await harness.drive();
    const { cause, state } = harness.journal.view();
    expect(state).toBe("NEEDS_HUMAN");
    expect(cause).toContain("did not fit its form 2 times");
    expect(JSON.stringify(harness.requests[1]?.messages)).toContain("The input of submit_plan is not valid. tasks:");
    const task = { title: "One", type: "task", description: "d", acceptance_criteria: [], depends_on: [] };
    harness.turns = [[use("c", "submit_plan", { summary: "s", tasks: [task] })]];
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});

describe("steering", () => {
  it("brings queued messages into the next turn, edited and removed ones as they are then", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a")], [finish("b")], [review("c")]];
    for (let step = 0; step < 4; step += 1) await harness.drive(1).catch(() => undefined);
    sendMessage(harness.journal, ada, "m1", "first");
    sendMessage(harness.journal, ada, "m2", "second");
    sendMessage(harness.journal, ada, "m3", "third");
    expect(changeMessage(harness.journal, ada, "m2", "second, edited")).toEqual({ ok: true });
    expect(changeMessage(harness.journal, ada, "m3", null)).toEqual({ ok: true });
    await harness.drive();
    const told = JSON.stringify(harness.requests[1]?.messages);
    expect(told).toContain("Ada says, while you work:\\n\\nfirst");
    expect(told).toContain("second, edited");
    expect(told).not.toContain("third");
    expect(changeMessage(harness.journal, ada, "m1", "late")).toMatchObject({ ok: false, code: "not_found" });
    expect(harness.journal.view().queue).toEqual([]);
    for (let index = 0; index < 10; index += 1)
      expect(sendMessage(harness.journal, ada, `n${index}`, "x")).toEqual({ ok: true });
    expect(sendMessage(harness.journal, ada, "n10", "x")).toMatchObject({ ok: false, code: "conflict" });
  });

  it("pauses and goes on where it was", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a")], [finish("b")], [review("c")]];
    for (let step = 0; step < 4; step += 1) await harness.drive(1).catch(() => undefined);
    expect(pauseRun(harness.journal, ada)).toEqual({ ok: true });
    expect(pauseRun(harness.journal, ada)).toMatchObject({ ok: false });
    await harness.drive();
    expect(harness.requests).toHaveLength(1);
    resumeRun(harness.journal, ada, harness.nowMs);
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(harness.journal.view().stageAttempt).toBe(1);
  });

  it("waits days for a person's answer, takes the first one, and goes on in a new sandbox with the work so far", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [addTest("t"), use("q", "ask_person", { question: "Which sum?" }), fix("a")],
      [use("s", "shell", { command: "cat test/two.test.js" }), finish("b")],
      [review("c")],
    ];
    await harness.drive();
    await harness.deps.sandbox.destroy(`run-${harness.journal.spec.runId}`);
    expect(harness.journal.view()).toMatchObject({ state: "NEEDS_HUMAN", question: { question: "Which sum?" } });
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toMatchObject({ ok: false, code: "run_not_waiting" });
    harness.nowMs += 3 * 24 * 3_600_000;
    expect(answerQuestion(harness.journal, ada, "The real one.")).toEqual({ ok: true });
    expect(answerQuestion(harness.journal, ada, "Another.")).toMatchObject({ ok: false });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    const results = harness
      .events()
      .flatMap((event) =>
        event.type === "tool.finished" ? [`${event.data.name} ${event.data.output.slice(0, 13)}`] : [],
      );
    expect(results[1]).toBe("ask_person The real one.");
    expect(results[3]).toBe("shell exit code: 0\n");
    const opened = harness.events().flatMap((event) => (event.type === "sandbox.opened" ? [event.data.restored] : []));
    expect(opened).toEqual([false, true]);
    expect(harness.events().filter((event) => event.type === "turn.finished")).toHaveLength(3);
  });
});

describe("a budget", () => {
  it("stops before the next call, warns at four fifths, and goes on when raised", async () => {
    harness = await EngineHarness.start(files);
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
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    setLimits(harness.journal, ada, { costMicros: 0 });
    await harness.drive();
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(harness.requests).toHaveLength(0);
  });
});

describe("a crash", () => {
  it.each([
    ["before", "a - b"],
    ["after", "a + b"],
  ])("%s an edit's effect ends with the edit done once", async (_when, content) => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a")], [finish("b")], [review("c")]];
    for (let step = 0; step < 3; step += 1) await harness.drive(1).catch(() => undefined);
    const { stage, turns } = harness.journal.view();
    if (stage === undefined) throw new Error("no stage");
    harness.journal.commit({
      events: [{ type: "tool.started", data: { stage, turn: turns, callId: "a", name: "edit_file", input: {} } }],
    });
    await harness.deps.sandbox.writeFile(
      `run-${harness.journal.spec.runId}`,
      "repo/sum.js",
      new TextEncoder().encode(files["sum.js"].replace("a - b", content)),
    );
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(new TextDecoder().decode(harness.journal.workspace()[0]?.bytes)).toContain("=> a + b;");
    expect(harness.events().flatMap((event) => (event.type === "tool.finished" ? [event.data.outcome] : []))).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
  });

  it("between a tool's start and its end is told to the model, and the saved work is laid on a new sandbox", async () => {
    harness = await EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a"), use("b", "shell", { command: "echo never" })], [finish("c")], [review("d")]];
    // Up to the shell call's start: start, begin, turn, edit.
    for (let step = 0; step < 4; step += 1) await harness.drive(1).catch(() => undefined);
    const { stage, turns } = harness.journal.view();
    if (stage === undefined) throw new Error("no stage");
    harness.journal.commit({
      events: [{ type: "tool.started", data: { stage, turn: turns, callId: "b", name: "shell", input: {} } }],
    });
    await harness.deps.sandbox.destroy(`run-${harness.journal.spec.runId}`);
    await harness.drive();
    expect(
      harness
        .events()
        .flatMap((event) => (event.type === "tool.finished" ? [`${event.data.name} ${event.data.outcome}`] : [])),
    ).toEqual(["edit_file ok", "shell interrupted", "finish ok", "submit_review ok"]);
    expect(
      harness
        .events()
        .filter((event) => event.type === "sandbox.opened")
        .map((event) => event.data),
    ).toMatchObject([{ restored: false }, { restored: true }]);
    expect(new TextDecoder().decode(harness.journal.workspace()[0]?.bytes)).toContain("a + b");
  });
});
