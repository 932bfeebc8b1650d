import { firstLane } from "../../../domain/run/lanes.ts";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerEntrySchema } from "../../../contracts/ledger.ts";
import { verifyLedger } from "../../../domain/ledger/chain.ts";
import { fold } from "../../../domain/run/fold.ts";
import { EngineHarness } from "./harness.ts";
import { addTest, approve, files, finish, fix, regression, review, states, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

describe("a bug fix", () => {
  it("walks from the prompt to done, with its proof", async () => {
    harness = EngineHarness.start(files);
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
    expect(firstLane(harness.journal.view()).tests).toMatchObject({
      before: { exitCode: 0 },
      after: { exitCode: 0 },
      regression: { failedOnBase: true, paths: ["test/two.test.js"] },
    });
    approve(harness);
    await harness.drive();
    expect(states(harness)).toEqual([
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
    expect(
      Object.values({ ...harness.journal.view().gates, ...firstLane(harness.journal.view()).gates }).map(
        (gate) => `${gate.gate} ${gate.status}`,
      ),
    ).toEqual(["G0 pass", "G1 skipped", "G2 pass", "G3 pass", "G4 pass", "G5 pass"]);
    const entries = harness.store.ledgerTexts().map((text) => ledgerEntrySchema.parse(JSON.parse(text)));
    expect(verifyLedger({ entries, head: entries.at(-1)?.hash ?? "" })).toMatchObject({ ok: true });
    const events = harness.events();
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(fold(events)).toEqual(harness.journal.view());
  });

  it("is not done with a regression test that passes without the fix, nor with failing tests", async () => {
    harness = EngineHarness.start(files);
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
    expect(states(harness).slice(0, 7)).toEqual([
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
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [
      [{ type: "text", text: "SECRET THOUGHTS" }, fix("a"), finish("b")],
      [review("c", "send_back")],
      [finish("d")],
      [review("e", "send_back")],
    ];
    await harness.drive();
    expect(states(harness)).toEqual([
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
