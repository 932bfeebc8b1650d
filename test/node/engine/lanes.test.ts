import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { laneStatus } from "../../../domain/run/lanes.ts";
import type { LaneView } from "../../../domain/run/lane-view.ts";
import type { ApprovalVerb } from "../../../contracts/patch-set.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { ada } from "../../fakes/run-start.ts";
import { chooseRepositories, orderLanes, resumeRun } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { decideIn, finish, laneIn, proposeIn, write } from "./lane-steps.ts";
import { review, states, use } from "./scenario.ts";

/** A library (repository 1, `n`) and its consumer (repository 2, `app`); a third that nothing needs. */
const library = {
  "package.json": JSON.stringify({ name: "n", version: "1.2.0", scripts: { test: "node --test" } }),
  "sum.js": "export const sum = (a, b) => a + b;\n",
};
const app = {
  "package.json": JSON.stringify({ name: "app", version: "0.1.0", dependencies: { n: "^1.2.0" } }),
  "main.js": 'import { sum } from "n";\n',
};

let harness: EngineHarness;

beforeEach(() => {
  harness = EngineHarness.startSeveral(library, { app });
});
afterEach(async () => harness.close());

const lane = (id: string): LaneView => laneIn(harness, id);
const decide = (id: string, decision: ApprovalVerb, comment = "") => decideIn(harness, id, decision, comment);
const propose = async (...paths: readonly string[]): Promise<void> => proposeIn(harness, paths);

describe("one run over a library and its consumer", () => {
  it("makes a patch set for each, writes nothing before both are approved, and opens linked pull requests in order", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(harness.journal.view().lanes.map(({ name }) => name)).toEqual(["n", "app"]);
    expect(lane("1").patchSet?.companions).toMatchObject([{ name: "app", merge: "after" }]);
    expect(lane("2").patchSet?.companions).toMatchObject([{ name: "n", merge: "before" }]);

    expect(decide("2", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(harness.writes).toEqual([]);

    expect(decide("1", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.writes).toEqual([
      ...["n commit", "app commit", "n branch", "app branch", "n pull_request", "app pull_request"],
      ...["n pull_request", "app pull_request"],
    ]);
    expect(harness.journal.view().state).toBe("DONE");
    expect(harness.journal.view().lanes.map(laneStatus)).toEqual(["ci_passed", "ci_passed"]);
  });

  it("shows the model both folders, and its tools take paths from the root", async () => {
    harness.beginSeveral("implement");
    harness.turns = [
      [
        use("a", "list_files", {}),
        use("b", "read_file", { path: "app/main.js" }),
        use("c", "run_tests", { repository: "n" }),
        use("d", "run_tests", {}),
        write("e", "loose.txt"),
        write("f", "app/main.js", "changed\n"),
        use("g", "git_diff", {}),
        use("h", "git_diff", { path: "n" }),
        finish("z"),
      ],
      [review("r")],
    ];
    await harness.drive();
    const outputs = new Map(
      harness.events().flatMap((event) => (event.type === "tool.finished" ? [[event.data.callId, event.data]] : [])),
    );
    expect(outputs.get("a")?.output).toBe("app/\nn/");
    expect(outputs.get("b")?.output).toContain('import { sum } from "n"');
    expect(outputs.get("c")).toMatchObject({ outcome: "ok" });
    expect(outputs.get("d")?.output).toContain("Name one of them: n, app");
    expect(outputs.get("e")).toMatchObject({ outcome: "error" });
    expect(outputs.get("g")?.output).toContain("+++ b/app/main.js");
    expect(outputs.get("h")?.output).toBe("(no changes)");
    expect(JSON.stringify(harness.requests[0])).toContain("Repository: o/app (base branch main) in app/");
    // The reviewer sees one diff with paths from the root.
    expect(JSON.stringify(harness.requests[1])).toContain("b/app/main.js");
  });

  it("has a lane without changes when only one repository was changed", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js");
    expect(lane("1").patchSet).toBeUndefined();
    expect(lane("2").patchSet?.companions).toEqual([]);
    expect(decide("2", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.writes).toEqual(["app commit", "app branch", "app pull_request"]);
    expect(harness.journal.view().lanes.map(laneStatus)).toEqual(["no_changes", "ci_passed"]);
  });

  it("keeps an approval whose bytes stay the same while another lane goes back", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    expect(decide("1", "approve")).toEqual({ ok: true });
    expect(decide("2", "request_changes", "Name it better.")).toEqual({ ok: true });
    expect(harness.journal.view().state).toBe("CODING");
    const before = lane("1").patchSet;
    await propose("app/better.js");
    expect(JSON.stringify(harness.requests.at(-2))).toContain("A person looked at your work in app");
    expect(lane("1")).toMatchObject({ patchSet: before, approval: { decision: "approve" } });
    expect(lane("2")).toMatchObject({ patchSetCount: 2, approval: undefined });
    expect(decide("2", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
  });

  it("asks again for a lane whose links change: a lane that joins is part of what is approved", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js");
    const { hash } = lane("2").patchSet ?? { hash: "" };
    expect(decide("2", "request_changes", "Also the library.")).toEqual({ ok: true });
    await propose("n/new.js");
    expect(lane("2").patchSet?.hash).not.toBe(hash);
    expect(lane("2").approval).toBeUndefined();
  });

  it("withdraws a patch set whose work was undone", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    expect(decide("1", "request_changes", "Leave the library alone.")).toEqual({ ok: true });
    harness.turns = [[use("s", "shell", { command: "rm n/new.js" }), finish("f")], [review("r")]];
    await harness.drive();
    expect(lane("1").patchSet).toBeUndefined();
    expect(lane("2").patchSet?.companions).toEqual([]);
  });
});

describe("a delivery", () => {
  it("ends with the rejection of one lane, unless the project delivers lane by lane", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    expect(decide("1", "reject", "No.")).toEqual({ ok: true });
    expect(harness.journal.view()).toMatchObject({ state: "FAILED", cause: "Rejected by Ada: No." });
    expect(harness.writes).toEqual([]);
  });

  it("goes on lane by lane without the rejected one", async () => {
    harness.beginSeveral("implement", { delivery: "lane_by_lane" });
    await propose("app/new.js", "n/new.js");
    expect(decide("1", "reject")).toEqual({ ok: true });
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(decide("2", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.writes.filter((each) => each.startsWith("n "))).toEqual([]);
    expect(harness.journal.view().state).toBe("DONE");
    expect(harness.journal.view().lanes.map(laneStatus)).toEqual(["rejected", "ci_passed"]);
  });

  it("writes nothing when the forge refuses one of the commits, and stops for a person when a later write fails", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    decide("1", "approve");
    decide("2", "approve");
    const error = new PortError("forge", "permanent", "forbidden", "no");
    harness.forge.refused = { kind: "commit", repository: "app", error };
    await harness.drive();
    expect(harness.writes).toEqual(["n commit"]);
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(harness.journal.view().cause).toContain("o/app");
    harness.forge.refused = { kind: "pull_request", repository: "app", error };
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(lane("1").pullRequest).toMatchObject({ number: 1 });
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
    expect(harness.writes.filter((each) => each === "n commit")).toHaveLength(1);
  });

  it("sends only the red lane back, on to the same pull request under a new approval", async () => {
    harness.beginSeveral("implement");
    const appState = harness.forge.repositories.get("o/app");
    if (appState === undefined) throw new Error("no app");
    appState.ci = (at) => ({ status: "completed", conclusion: at === 0 ? "failure" : "success" });
    await propose("app/new.js", "n/new.js");
    decide("1", "approve");
    decide("2", "approve");
    harness.turns = [[write("w", "app/repair.js"), finish("f")], [review("r")]];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(JSON.stringify(harness.requests.at(-2))).toContain("test of o/app");
    expect(laneStatus(lane("1"))).toBe("ci_passed");
    expect(lane("2").patchSet?.version).toBe(2);
    expect(lane("2").gates.G5, "CI of version 1 proves nothing about version 2").toBeUndefined();
    const before = harness.writes.length;
    expect(decide("2", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
    expect(harness.writes.slice(before).every((each) => each.startsWith("app "))).toBe(true);
    expect(lane("2").pullRequest?.number).toBe(1);
  });
});

describe("the choice and the order of repositories", () => {
  it("lets triage choose, with reasons, before the mode's own stages", async () => {
    harness.beginSeveral("implement", { choice: "open" });
    const triage = (id: string, repositories?: readonly { repository: string; reason: string }[]) =>
      use(id, "submit_triage", { decision: "GO", reasons: ["Fine."], repositories });
    harness.turns = [
      [triage("t1")],
      [triage("t2", [{ repository: "nowhere", reason: "?" }])],
      [triage("t3", [{ repository: "app", reason: "It is there." }])],
      [write("w", "app/new.js"), finish("f")],
      [review("r")],
    ];
    await harness.drive();
    expect(states(harness).slice(0, 3)).toEqual(["TRIAGING", "CODING", "REVIEWING"]);
    const chosen = harness.events().find((event) => event.type === "repositories.chosen");
    expect(chosen?.data).toMatchObject({ repositoryIds: ["2"], reasons: [{ reason: "It is there." }] });
    expect(harness.journal.view().lanes.map(({ isChosen }) => isChosen)).toEqual([false, true]);
  });

  it("lets a person leave a repository out from the approval view: the other is proposed again without its link", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    expect(decide("2", "approve")).toEqual({ ok: true });
    expect(chooseRepositories(harness.journal, ada, ["2"])).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(lane("2")).toMatchObject({ approval: undefined, patchSet: { companions: [] } });
    expect(decide("2", "approve")).toEqual({ ok: true });
    await harness.drive();
    expect(harness.writes).toEqual(["app commit", "app branch", "app pull_request"]);
  });

  it("refuses a choice of nothing, of strangers, of the same, and after the pull requests are open", async () => {
    harness.beginSeveral("implement");
    expect(chooseRepositories(harness.journal, ada, [])).toMatchObject({ code: "unknown_repository" });
    expect(chooseRepositories(harness.journal, ada, ["9"])).toMatchObject({ code: "unknown_repository" });
    expect(chooseRepositories(harness.journal, ada, ["2", "1"])).toMatchObject({ code: "conflict" });
    await propose("app/new.js", "n/new.js");
    decide("1", "approve");
    decide("2", "approve");
    await harness.drive(20, () => lane("1").pullRequest !== undefined);
    expect(chooseRepositories(harness.journal, ada, ["2"])).toMatchObject({ ok: false });
  });

  it("asks a person for the order of repositories that depend on each other", async () => {
    await harness.close();
    harness = EngineHarness.startSeveral(library, { app });
    harness.beginSeveral("implement", { dependsOn: { n: ["2"] } });
    await harness.drive();
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(harness.journal.view().cause).toContain("depend on each other");
    expect(orderLanes(harness.journal, ada, ["2"])).toMatchObject({ code: "invalid_request" });
    expect(orderLanes(harness.journal, ada, ["2", "1"])).toEqual({ ok: true });
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await propose("app/new.js", "n/new.js");
    expect(harness.journal.view().lanes.map(({ name }) => name)).toEqual(["app", "n"]);
  });

  it("stops for a person when one of several repositories can't be read, and continues without it", async () => {
    harness.beginSeveral("implement");
    harness.forge.revoked.add("app");
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "NEEDS_HUMAN" });
    expect(harness.journal.view().cause).toContain("o/app can't be read");
    expect(chooseRepositories(harness.journal, ada, ["1"])).toEqual({ ok: true });
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await propose("n/new.js");
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});

describe("a repository that is revoked in the middle", () => {
  it("stops the run for a person with nothing lost, and a resume continues once it is reachable", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    decide("1", "approve");
    decide("2", "approve");
    harness.forge.revoked.add("app");
    await harness.drive();
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(harness.writes).toEqual(["n commit"]);
    harness.forge.revoked.delete("app");
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("DONE");
  });
});
