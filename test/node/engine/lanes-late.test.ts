import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApprovalVerb } from "../../../contracts/patch-set.ts";
import type { LaneView } from "../../../domain/run/lane-view.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { ada } from "../../fakes/run-start.ts";
import { chooseRepositories, decidePatchSet, orderLanes, resumeRun } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { decideIn, finish, laneIn, proposeIn, write } from "./lane-steps.ts";
import { review, use } from "./scenario.ts";

/** A library (repository 1, `n`) and its consumer (repository 2, `app`). */
const library = {
  "package.json": JSON.stringify({ name: "n", version: "1.2.0", scripts: { test: "node --test" } }),
  "sum.js": "export const sum = (a, b) => a + b;\n",
};
const app = {
  "package.json": JSON.stringify({ name: "app", dependencies: { n: "^1.2.0" }, scripts: { test: "node --test" } }),
  "main.js": 'import { sum } from "n";\n',
};

let harness: EngineHarness;

beforeEach(() => {
  harness = EngineHarness.startSeveral(library, { app });
});
afterEach(async () => harness.close());

const lane = (id: string): LaneView => laneIn(harness, id);
const state = (): string => harness.journal.view().state;
const decide = (id: string, decision: ApprovalVerb) => decideIn(harness, id, decision);
const propose = async (...paths: readonly string[]): Promise<void> => proposeIn(harness, paths);

describe("a repository that was left out when the run began", () => {
  it("gets its base commit and its tests when it takes part later", async () => {
    harness.beginSeveral("implement");
    expect(chooseRepositories(harness.journal, ada, ["1"])).toEqual({ ok: true });
    await propose("n/new.js");
    expect(state()).toBe("WAITING_APPROVAL");
    expect(lane("2").baseCommit).toBeUndefined();
    expect(chooseRepositories(harness.journal, ada, ["1", "2"])).toEqual({ ok: true });
    await propose("app/new.js");
    expect(state()).toBe("WAITING_APPROVAL");
    expect(lane("2")).toMatchObject({ testCommand: "npm test --", patchSet: { version: 1 } });
    expect(lane("2").tests?.command).toBe("npm test --");
  });
});

describe("a choice of repositories", () => {
  it("sends the run back to the coder when it leaves nothing to approve", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js");
    harness.turns = [];
    expect(chooseRepositories(harness.journal, ada, ["1"])).toEqual({ ok: true });
    expect(state()).toBe("CODING");
    await propose("n/new.js");
    expect(state()).toBe("WAITING_APPROVAL");
    expect(lane("1").patchSet).toBeDefined();
  });

  it("stops for a person when the only changed repository was left out before it was proposed", async () => {
    harness.beginSeveral("implement");
    harness.turns = [[write("w", "app/new.js"), finish("f")], [review("r")]];
    await harness.drive(40, () => state() === "REVIEWING");
    expect(chooseRepositories(harness.journal, ada, ["1"])).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "NEEDS_HUMAN", returnTo: "PATCHES_PROPOSED" });
    expect(chooseRepositories(harness.journal, ada, ["1", "2"])).toEqual({ ok: true });
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(state()).toBe("WAITING_APPROVAL");
  });

  it("sends a plan back to the planner from its approval, and the tickets are of what is left", async () => {
    const task = { title: "One", type: "task", description: "d", acceptance_criteria: [], depends_on: [] };
    const plan = (id: string) => use(id, "submit_plan", { summary: "s", tasks: [task] });
    const ticketsOf: number[] = [];
    const { createTickets } = harness.deps;
    Object.assign(harness.deps, {
      createTickets: async (wanted: Parameters<typeof createTickets>[0]) => {
        ticketsOf.push(...wanted.tasks.map(({ repositoryId }) => repositoryId));
        return createTickets(wanted);
      },
    });
    harness.beginSeveral("plan");
    harness.turns = [[plan("a")]];
    await harness.drive();
    expect(state()).toBe("WAITING_APPROVAL");
    expect(chooseRepositories(harness.journal, ada, ["2"])).toEqual({ ok: true });
    expect(state()).toBe("PLANNING");
    harness.turns = [[plan("b")]];
    await harness.drive();
    expect(JSON.stringify(harness.requests.at(-1)?.messages)).toContain("It works on: app.");
    const { hash = "", baseCommit = "" } = harness.journal.view().proposal ?? {};
    expect(baseCommit).toBe(lane("2").baseCommit);
    const decision = { decision: "approve", comment: "", by: ada } as const;
    expect(decidePatchSet(harness.journal, { hash, baseCommit, ...decision }, harness.nowMs)).toEqual({ ok: true });
    expect(chooseRepositories(harness.journal, ada, ["1"])).toMatchObject({ code: "conflict" });
    await harness.drive();
    expect(state()).toBe("DONE");
    expect(ticketsOf).toEqual([2]);
  });

  it("makes each item's ticket for the repository that it names, and for the first one where it names none", async () => {
    const task = { title: "One", type: "task", description: "d", acceptance_criteria: [], depends_on: [] };
    const plan = (id: string, repository: string) =>
      use(id, "submit_plan", { summary: "s", tasks: [task, { ...task, repository }] });
    const ticketsOf: number[] = [];
    const { createTickets } = harness.deps;
    Object.assign(harness.deps, {
      createTickets: async (wanted: Parameters<typeof createTickets>[0]) => {
        ticketsOf.push(...wanted.tasks.map(({ repositoryId }) => repositoryId));
        return createTickets(wanted);
      },
    });
    harness.beginSeveral("plan");
    harness.turns = [[plan("a", "of-others")], [plan("b", "app")]];
    await harness.drive();
    expect(JSON.stringify(harness.requests.at(-1)?.messages)).toContain("which this run does not have. Name one of:");
    const { hash = "", baseCommit = "" } = harness.journal.view().proposal ?? {};
    decidePatchSet(harness.journal, { hash, baseCommit, decision: "approve", comment: "", by: ada }, harness.nowMs);
    await harness.drive();
    expect(ticketsOf).toEqual([1, 2]);
  });

  it("is refused where the run has stopped in the middle of its writes", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    decide("1", "approve");
    decide("2", "approve");
    const error = new PortError("forge", "permanent", "forbidden", "no");
    harness.forge.refused = { kind: "commit", repository: "app", error };
    await harness.drive();
    expect(state()).toBe("NEEDS_HUMAN");
    expect(chooseRepositories(harness.journal, ada, ["1"])).toMatchObject({ code: "conflict" });
    expect(orderLanes(harness.journal, ada, ["2", "1"])).toMatchObject({ code: "conflict" });
  });

  it("takes the folder of a repository that is left out from the workspace", async () => {
    harness.beginSeveral("implement");
    harness.turns = [[use("a", "shell", { command: "ls" })]];
    await harness.drive(40, () => harness.events().some(({ type }) => type === "tool.finished"));
    expect(chooseRepositories(harness.journal, ada, ["1"])).toEqual({ ok: true });
    harness.turns = [[use("b", "shell", { command: "ls" })], [write("w", "n/new.js"), finish("f")], [review("r")]];
    await harness.drive();
    const outputs = harness
      .events()
      .flatMap((event) => (event.type === "tool.finished" && event.data.name === "shell" ? [event.data.output] : []));
    expect(outputs[0]).toContain("app");
    expect(outputs[1]).not.toContain("app");
  });
});

describe("a repository whose work was undone after its pull request was opened", () => {
  it("is no approval of the delivery: the rejection of the last other one ends the run", async () => {
    harness.beginSeveral("implement", { delivery: "lane_by_lane" });
    const appState = harness.forge.repositories.get("o/app");
    if (appState === undefined) throw new Error("no app");
    appState.ci = () => ({ status: "completed", conclusion: "failure" });
    await propose("app/new.js", "n/new.js");
    decide("1", "approve");
    decide("2", "approve");
    harness.turns = [[write("w", "app/repair.js"), write("v", "n/more.js"), finish("f")], [review("r")]];
    await harness.drive();
    expect(decide("1", "request_changes")).toEqual({ ok: true });
    const undo = use("u", "shell", { command: "rm n/new.js n/more.js" });
    harness.turns = [[undo, write("x", "app/again.js"), finish("g")], [review("s")]];
    await harness.drive();
    expect(state()).toBe("WAITING_APPROVAL");
    const before = harness.writes.length;
    expect(decide("2", "reject")).toEqual({ ok: true });
    await harness.drive();
    expect(state()).toBe("FAILED");
    expect(harness.writes).toHaveLength(before);
  });
});

describe("the order of a person", () => {
  it("says of two repositories that depend on each other which one is merged first", async () => {
    harness.beginSeveral("implement", { dependsOn: { n: ["2"] } });
    await harness.drive();
    expect(orderLanes(harness.journal, ada, ["2", "1"])).toEqual({ ok: true });
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await propose("app/new.js", "n/new.js");
    expect(lane("2").patchSet?.companions).toMatchObject([{ name: "n", merge: "after" }]);
    expect(lane("1").patchSet?.companions).toMatchObject([{ name: "app", merge: "before" }]);
  });

  it("at the approval proposes the patch sets again, since their links say who is merged first", async () => {
    harness.beginSeveral("implement");
    await propose("app/new.js", "n/new.js");
    expect(decide("1", "approve")).toEqual({ ok: true });
    expect(orderLanes(harness.journal, ada, ["2", "1"])).toEqual({ ok: true });
    await harness.drive();
    expect(state()).toBe("WAITING_APPROVAL");
    expect(lane("1")).toMatchObject({ approval: undefined, patchSet: { companions: [{ merge: "before" }] } });
    expect(lane("2")).toMatchObject({ patchSet: { companions: [{ merge: "after" }] } });
  });

  it("is in the links of the patch sets when it comes while they are made", async () => {
    harness.beginSeveral("implement");
    await harness.drive(10, () => state() === "CODING");
    let isOrdered = false;
    for (const name of ["getTree", "getFile"] as const) {
      const read: (...asked: never) => unknown = harness.forge.reader[name];
      Object.assign(harness.forge.reader, {
        [name]: async (...asked: never) => {
          if (!isOrdered && state() === "PATCHES_PROPOSED") {
            isOrdered = true;
            expect(orderLanes(harness.journal, ada, ["2", "1"])).toEqual({ ok: true });
          }
          return read(...asked);
        },
      });
    }
    await propose("app/new.js", "n/new.js");
    expect(isOrdered).toBe(true);
    const [first, second] = harness.journal.view().lanes;
    expect([first?.name, second?.name]).toEqual(["app", "n"]);
    expect(first?.patchSet?.companions.map(({ merge }) => merge)).toEqual(["after"]);
    expect(second?.patchSet?.companions.map(({ merge }) => merge)).toEqual(["before"]);
  });

  it("stands when it comes while the manifests are read", async () => {
    harness.beginSeveral("implement");
    await harness.drive(10, () => state() === "CODING");
    const { getTree } = harness.forge.reader;
    let isOrdered = false;
    Object.assign(harness.forge.reader, {
      getTree: async (...asked: Parameters<typeof getTree>) => {
        if (!isOrdered) expect(orderLanes(harness.journal, ada, ["2", "1"])).toEqual({ ok: true });
        isOrdered = true;
        return getTree(...asked);
      },
    });
    await propose("app/new.js", "n/new.js");
    expect(isOrdered).toBe(true);
    expect(harness.events().filter(({ type }) => type === "lanes.ordered")).toHaveLength(1);
    expect(harness.journal.view().lanes.map(({ name }) => name)).toEqual(["app", "n"]);
  });
});

describe("versions over repositories", () => {
  it("warns when the library changes its exported names and its version stays", async () => {
    harness.beginSeveral("implement");
    harness.turns = [
      [write("a", "n/sum.js", "export const add = (a, b) => a + b;\n"), write("b", "app/main.js", "x\n"), finish("f")],
      [review("r")],
    ];
    await harness.drive();
    const compared = harness.events().find((event) => event.type === "versions.compared");
    expect(compared?.data).toMatchObject({
      packages: [{ name: "n", from: "1.2.0", to: "1.2.0", needed: "major", consumers: [{ path: "package.json" }] }],
    });
    const policy = harness
      .events()
      .flatMap((event) =>
        event.type === "policy.evaluated" && event.data.repositoryId === "1" ? event.data.violations : [],
      );
    expect(policy).toContainEqual(expect.objectContaining({ rule: "version-bump-missing", severity: "WARN" }));
  });
});
