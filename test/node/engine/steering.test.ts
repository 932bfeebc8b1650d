import { afterEach, describe, expect, it } from "vitest";
import { answerQuestion, changeMessage, pauseRun, resumeRun, sendMessage } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { addTest, files, finish, fix, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

describe("steering", () => {
  it("brings queued messages into the next turn, edited and removed ones as they are then", async () => {
    harness = EngineHarness.start(files);
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
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(sendMessage(harness.journal, ada, "m4", "never read")).toMatchObject({ ok: false, code: "conflict" });
    expect(harness.journal.view().queue).toEqual([]);
  });

  it("queues ten messages and refuses the eleventh", () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    for (let index = 0; index < 10; index += 1)
      expect(sendMessage(harness.journal, ada, `n${index}`, "x")).toEqual({ ok: true });
    expect(sendMessage(harness.journal, ada, "n10", "x")).toMatchObject({ ok: false, code: "conflict" });
  });

  it("pauses and resumes at the same place", async () => {
    harness = EngineHarness.start(files);
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

  it("waits days for a person's answer, takes the first one, and resumes in a new sandbox with the work so far", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [addTest("t"), use("q", "ask_person", { question: "Which sum?" }), fix("a")],
      [use("s", "shell", { command: "cat test/two.test.js" }), finish("b")],
      [review("c")],
    ];
    await harness.drive();
    await harness.sandbox.destroy(`run-${harness.journal.spec.runId}`);
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

describe("a crash", () => {
  it.each([
    ["before", "a - b"],
    ["after", "a + b"],
  ])("%s an edit's effect ends with the edit done once", async (_when, content) => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a")], [finish("b")], [review("c")]];
    for (let step = 0; step < 3; step += 1) await harness.drive(1).catch(() => undefined);
    const { stage, turns } = harness.journal.view();
    if (stage === undefined) throw new Error("no stage");
    harness.journal.commit({
      events: [{ type: "tool.started", data: { stage, turn: turns, callId: "a", name: "edit_file", input: {} } }],
    });
    await harness.sandbox.writeFile(
      `run-${harness.journal.spec.runId}`,
      "repo/sum.js",
      new TextEncoder().encode(files["sum.js"].replace("a - b", content)),
    );
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(new TextDecoder().decode(harness.journal.work("1")[0]?.bytes)).toContain("=> a + b;");
    expect(harness.events().flatMap((event) => (event.type === "tool.finished" ? [event.data.outcome] : []))).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
  });

  it("between a tool's start and its end is reported to the model, and the saved work is restored in a new sandbox", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a"), use("b", "shell", { command: "echo never" })], [finish("c")], [review("d")]];
    // Up to the shell call's start: start, begin, turn, edit.
    for (let step = 0; step < 4; step += 1) await harness.drive(1).catch(() => undefined);
    const { stage, turns } = harness.journal.view();
    if (stage === undefined) throw new Error("no stage");
    harness.journal.commit({
      events: [{ type: "tool.started", data: { stage, turn: turns, callId: "b", name: "shell", input: {} } }],
    });
    await harness.sandbox.destroy(`run-${harness.journal.spec.runId}`);
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
    expect(new TextDecoder().decode(harness.journal.work("1")[0]?.bytes)).toContain("a + b");
  });
});
