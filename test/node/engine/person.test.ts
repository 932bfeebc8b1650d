import { firstLane, laneStatus } from "../../../domain/run/lanes.ts";
import { afterEach, describe, expect, it } from "vitest";
import { cancelRun, decidePatchSet, resumeRun } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { approve, files, finish, fix, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

describe("a person", () => {
  it("requests changes, and the next version replaces the first", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [fix("a"), finish("b")],
      [review("c")],
      [use("d", "write_file", { path: "NOTE.md", content: "x\n" }), finish("e")],
      [review("f")],
    ];
    await harness.drive();
    const first = firstLane(harness.journal.view()).patchSet;
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
    const second = firstLane(harness.journal.view()).patchSet;
    expect(second).toMatchObject({ version: 2 });
    expect(second?.hash).not.toBe(first?.hash);
    expect(
      decidePatchSet(
        harness.journal,
        { hash: first?.hash ?? "", baseCommit: first?.baseCommit ?? "", decision: "approve", comment: "", by: ada },
        1,
      ),
    ).toMatchObject({ ok: false, code: "patch_set_stale" });
    approve(harness);
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
  });

  it("cancels, and nothing moves any more", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    expect(cancelRun(harness.journal, ada)).toEqual({ ok: true });
    expect(cancelRun(harness.journal, ada)).toMatchObject({ ok: false, code: "conflict" });
    const { patchSet } = firstLane(harness.journal.view());
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
    harness = EngineHarness.start(files);
    harness.forge.workflows = ["failure", "success"];
    harness.begin("implement");
    const note = (id: string) => use(id, "write_file", { path: "NOTES.md", content: "why\n" });
    harness.turns = [[fix("a"), finish("b")], [review("c")], [finish("d")], [note("e"), finish("f")], [review("g")]];
    await harness.drive();
    approve(harness);
    await harness.drive();
    const told = JSON.stringify(harness.requests[2]?.messages);
    expect(told).toContain("run 1: 1 failing");
    expect(told).not.toContain("sk-ant-api03");
    // Finishing without a change was refused: the same bytes would fail again.
    expect(JSON.stringify(harness.requests[3]?.messages)).toContain("Nothing has changed since the pull request");
    const second = harness.journal.view();
    expect(second.state).toBe("WAITING_APPROVAL");
    const verdicts = harness.events().flatMap(({ data, type }) => (type === "gate.evaluated" ? [data] : []));
    expect(verdicts.filter(({ gate }) => gate === "G5").map(({ status }) => status)).toEqual(["fail"]);
    expect(firstLane(second).gates.G5, "CI of version 1 proves nothing about version 2").toBeUndefined();
    expect(second.approval).toBeUndefined();
    expect(harness.writes).toHaveLength(3);
    approve(harness);
    await harness.drive();
    const view = harness.journal.view();
    expect(view).toMatchObject({ state: "DONE", lanes: [{ gates: { G5: { status: "pass" } } }] });
    const commits = harness.events().flatMap((event) => (event.type === "pull_request.opened" ? [event.data] : []));
    expect(commits.map(({ number }) => number)).toEqual([1, 1]);
    const [first, next] = commits.map(({ commit }) => commit.slice(0, 4));
    expect(harness.writes.slice(3)).toEqual(["commit", `advance ${first} to ${next}`, "pull_request"]);
  });

  it("waits no longer for a CI that there isn't when the clock is set back a day", async () => {
    harness = EngineHarness.start(files);
    harness.forge.workflows = ["none"];
    harness.nowMs = 2 * 86_400_000;
    harness.begin("implement");
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    approve(harness);
    while (harness.journal.view().state !== "VERIFYING_CI") await harness.step();
    harness.nowMs -= 86_400_000;
    const setBackAtMs = harness.nowMs;
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "DONE", lanes: [{ gates: { G5: { status: "skipped" } } }] });
    expect(laneStatus(firstLane(harness.journal.view())), "a lane without CI is not green").toBe("open");
    expect(harness.nowMs - setBackAtMs).toBeLessThan(120_000);
  });

  it("asks a person when CI keeps failing, and resumes once CI is green", async () => {
    harness = EngineHarness.start(files);
    harness.forge.workflows = ["failure"];
    harness.begin("implement");
    const note = (id: string) => use(id, "write_file", { path: "NOTES.md", content: `${id}\n` });
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    for (const attempt of ["d", "e"])
      harness.turns.push([note(attempt), finish(`${attempt}f`)], [review(`${attempt}r`)]);
    for (let version = 1; version <= 3; version += 1) {
      await harness.drive();
      approve(harness);
    }
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({
      state: "NEEDS_HUMAN",
      lanes: [{ gates: { G5: { status: "fail" } } }],
    });
    harness.forge.workflows = ["failure", "failure", "success"];
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
    expect(harness.writes.filter((write) => write === "branch")).toHaveLength(1);
  });
});
