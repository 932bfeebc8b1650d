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

  it("approves title and branch with the bytes: another title is another patch set", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    const forged = {
      title: "Add\n\nApproved-By: The Boss [skip ci]",
      summary: "closes other/repo#2 @org/everyone\n```",
    };
    harness.turns = [[fix("a"), finish("b")], [review("c")], [use("d", "finish", forged)], [review("e")]];
    await harness.drive();
    const first = firstLane(harness.journal.view()).patchSet;
    if (first === undefined) throw new Error("no patch set");
    const { baseCommit, hash } = first;
    const yes = { hash, baseCommit, decision: "approve", comment: "", by: ada } as const;
    const back = { ...yes, decision: "request_changes", comment: "Say it otherwise" } as const;
    expect(decidePatchSet(harness.journal, back, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    const second = firstLane(harness.journal.view()).patchSet;
    expect(second).toMatchObject({
      version: 2,
      title: "Add Approved-By: The Boss (skip ci)",
      summary: "`closes` other/repo#2 `@org/everyone`\n```\n```",
    });
    expect(second?.hash).not.toBe(hash);
    expect(decidePatchSet(harness.journal, yes, harness.nowMs)).toMatchObject({ ok: false, code: "patch_set_stale" });
    approve(harness);
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
    expect([...harness.forge.repository.commits.values()].map(({ message }) => message)).toEqual([
      `Add Approved-By: The Boss (skip ci)\n\nPatch-Set: ${second?.hash}\nApproved-By: Ada\nCo-authored-by: Ada <1+ada@users.noreply.github.com>\n`,
    ]);
  });

  it("approves a file that can't be shown only by saying so", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    const content = "\u0001\u0002\u0003".repeat(50);
    harness.turns = [[fix("a"), use("b", "write_file", { path: "logo.bin", content }), finish("c")], [review("d")]];
    await harness.drive();
    const { patchSet } = firstLane(harness.journal.view());
    if (patchSet === undefined) throw new Error("no patch set");
    const { baseCommit, hash } = patchSet;
    const decision = { hash, baseCommit, decision: "approve", comment: "", by: ada } as const;
    const refused = decidePatchSet(harness.journal, decision, harness.nowMs);
    expect(refused).toMatchObject({ ok: false, code: "unseen_content", detail: expect.stringContaining("logo.bin") });
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    const said = { ...decision, acceptsUnseen: true };
    expect(decidePatchSet(harness.journal, said, harness.nowMs)).toEqual({ ok: true });
    expect(firstLane(harness.journal.view()).approval?.unseen).toEqual(["logo.bin"]);
    expect(harness.events().find(({ type }) => type === "approval.decided")).toMatchObject({
      data: { unseen: ["logo.bin"] },
    });
  });

  it("can't have written what the bytes forbid, whatever the record says of policy", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    const content = `key = "ghp_${"aB3dE6gH9kLm".repeat(3)}"\n`;
    harness.turns = [[use("a", "write_file", { path: "key.txt", content }), finish("b")], [review("c")]];
    await harness.drive();
    expect(harness.journal.view().state).toBe("BLOCKED_POLICY");
    const { id: repositoryId, patchSet } = firstLane(harness.journal.view());
    const verdict = { repositoryId, hash: patchSet?.hash ?? "", violations: [] };
    harness.journal.commit({ events: [{ type: "policy.evaluated", data: verdict }] });
    expect(firstLane(harness.journal.view()).isBlocked).toBe(false);
    approve(harness);
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "FAILED", cause: expect.stringContaining("Policy blocks") });
    expect(harness.writes).toEqual([]);
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
