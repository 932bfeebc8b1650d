import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { laneStatus } from "../../../domain/run/lanes.ts";
import type { PullNow } from "../../../domain/run/watch.ts";
import { ada } from "../../fakes/run-start.ts";
import { resumeRun } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { decideIn, laneIn, proposeIn, write } from "./lane-steps.ts";
import { approve, finish, review, states, use } from "./scenario.ts";

let harness: EngineHarness;
const foreign = "f".repeat(40);

beforeEach(() => {
  harness = EngineHarness.start({ "README.md": "# One\n", "other.md": "Other\n" });
});
afterEach(async () => harness.close());

const view = () => harness.journal.view();

/** A run up to its approved patch set. */
async function approved(): Promise<void> {
  harness.begin("implement");
  harness.turns = [[write("w", "README.md", "# Two\n"), finish("f")], [review("r")]];
  await harness.drive();
  approve(harness);
}

/** A run that watches its pull request, whose CI still runs. */
async function watching(): Promise<void> {
  harness.forge.repository.ci = () => ({ status: "in_progress", conclusion: null });
  await approved();
  await harness.drive(30, () => Object.keys(view().lanes[0]?.ci ?? {}).length > 0);
  expect(view().state).toBe("VERIFYING_CI");
}

/** Changes the pull request at the forge, as a person does. */
function change(changes: Partial<PullNow>): void {
  harness.forge.repository.pullChanges = changes;
}

function resume(): void {
  expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
}

describe("a pull request that people touch while its CI runs", () => {
  it("is known as merged, which closes the watch well and is said", async () => {
    await watching();
    change({ state: "merged" });
    await harness.drive();
    expect(view()).toMatchObject({ state: "DONE" });
    expect(view().cause).toContain("#1 of o/n was merged before its checks had passed");
    expect(laneStatus(laneIn(harness, "1"))).toBe("merged");
    expect(laneIn(harness, "1").pullRequest?.state).toBe("merged");
  });

  it("asks a person once it is closed, or its branch is deleted, and goes on once it is open again", async () => {
    await watching();
    change({ state: "closed", isBranchDeleted: true });
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("its branch");
    expect(laneStatus(laneIn(harness, "1"))).toBe("closed");
    resume();
    await harness.drive();
    expect(view().state, "it is still closed").toBe("NEEDS_HUMAN");
    change({});
    harness.forge.repository.ci = () => ({ status: "completed", conclusion: "success" });
    resume();
    await harness.drive();
    expect(view()).toMatchObject({ state: "DONE", cause: null });
  });

  it("with somebody's red commit on top is never done, and never sent to the agent", async () => {
    await watching();
    harness.forge.repository.ci = () => ({ status: "completed", conclusion: "success" });
    harness.forge.repository.pushed.push(foreign);
    change({ headCommit: foreign });
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("ffffffffff is now the head");
    harness.forge.repository.ci = () => ({ status: "completed", conclusion: "failure" });
    resume();
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("a commit that this run did not write");
    expect(states(harness).filter((state) => state === "CODING")).toHaveLength(1);
    harness.forge.repository.ci = () => ({ status: "completed", conclusion: "success" });
    resume();
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(view().cause).toContain("did not write, and its checks ended well");
  });

  it("asks a person when it conflicts with its base", async () => {
    await watching();
    change({ isMergeable: false });
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("conflicts with main");
  });
});

describe("news before the write", () => {
  it("of a base that changes the same file stops before anything is written; resume writes all the same", async () => {
    const { repository } = harness.forge;
    repository.treeAt = (commit) =>
      commit === foreign
        ? repository.tree.map((entry) => (entry.path === "README.md" ? { ...entry, blob: "e".repeat(40) } : entry))
        : repository.tree;
    harness.begin("implement");
    harness.turns = [[write("w", "README.md", "# Two\n"), finish("f")], [review("r")]];
    await harness.drive();
    repository.branches.set("main", foreign);
    approve(harness);
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("changes the same files: README.md");
    expect(harness.writes).toEqual([]);
    resume();
    await harness.drive();
    expect(harness.writes).toEqual(["commit", "branch", "pull_request"]);
    expect(view().state).toBe("DONE");
  });

  it("of a base that changes the same file is told before a repair is written too, and only once", async () => {
    const { repository } = harness.forge;
    repository.treeAt = (commit) =>
      commit === foreign
        ? repository.tree.map((entry) => (entry.path === "README.md" ? { ...entry, blob: "e".repeat(40) } : entry))
        : repository.tree;
    harness.forge.workflows = ["failure", "success"];
    await approved();
    harness.turns = [[write("w2", "README.md", "# Three\n"), finish("f2")], [review("r2")]];
    await harness.drive();
    expect(view().state).toBe("WAITING_APPROVAL");
    repository.branches.set("main", foreign);
    approve(harness);
    const before = harness.writes.length;
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("changes the same files: README.md");
    expect(view().cause).toContain("Resume writes to pull request #1 all the same");
    expect(harness.writes).toHaveLength(before);
    resume();
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(harness.events().filter(({ type }) => type === "base.moved")).toHaveLength(1);
  });

  it("of a base that changes the same file is told at the first write of each lane", async () => {
    await harness.close();
    harness = EngineHarness.startSeveral({ "README.md": "# One\n" }, { app: { "README.md": "# App\n" } });
    harness.beginSeveral("implement");
    await proposeIn(harness, ["n/README.md", "app/README.md"]);
    const moved = (name: string): void => {
      const repository = harness.forge.repositories.get(`o/${name}`);
      if (repository === undefined) throw new Error(`there is no ${name}`);
      const tree = repository.tree.map((entry) => ({ ...entry, blob: "e".repeat(40) }));
      repository.treeAt = (commit) => (commit === foreign ? tree : repository.tree);
      repository.branches.set("main", foreign);
    };
    moved("n");
    moved("app");
    for (const id of ["1", "2"]) expect(decideIn(harness, id, "approve")).toEqual({ ok: true });
    for (const [name, written] of [
      ["n", []],
      ["app", ["n commit"]],
    ] as const) {
      await harness.drive();
      expect(view().state).toBe("NEEDS_HUMAN");
      expect(view().cause).toContain(`main of o/${name} has moved`);
      expect(harness.writes).toEqual(written);
      resume();
    }
    await harness.drive();
    expect(view().state).toBe("DONE");
  });

  it("is none when the base moved elsewhere", async () => {
    const { repository } = harness.forge;
    harness.begin("implement");
    harness.turns = [[write("w", "README.md", "# Two\n"), finish("f")], [review("r")]];
    await harness.drive();
    repository.branches.set("main", foreign);
    approve(harness);
    await harness.drive();
    expect(view().state).toBe("DONE");
  });

  it("of a pull request that was merged while its repair waited stops the repair", async () => {
    harness.forge.workflows = ["failure", "success"];
    await approved();
    harness.turns = [[write("w2", "README.md", "# Three\n"), finish("f2")], [review("r2")]];
    await harness.drive();
    expect(view().state).toBe("WAITING_APPROVAL");
    change({ state: "merged" });
    approve(harness);
    const before = harness.writes.length;
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("was merged before this version was approved");
    expect(harness.writes).toHaveLength(before);
  });
});

it("a coder that declines after red CI leaves the decision about the open pull request to a person", async () => {
  harness.forge.workflows = ["failure"];
  await approved();
  harness.turns = [[use("d", "finish", { title: "No", summary: "The check needs a secret.", outcome: "declined" })]];
  await harness.drive();
  expect(view().state).toBe("NEEDS_HUMAN");
  expect(view().cause).toContain("The check needs a secret.");
  expect(view().cause).toContain("#1 of o/n stays open");
});
