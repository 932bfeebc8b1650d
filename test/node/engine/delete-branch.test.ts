import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ledgerEntrySchema } from "../../../contracts/ledger.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { ada } from "../../fakes/run-start.ts";
import { cancelRun, closePullRequest, deleteBranch } from "../../person-commands.ts";
import type { EngineHarness } from "./harness.ts";
import { approvedRun, laneIn } from "./lane-steps.ts";

let harness: EngineHarness;
let branch: string;

/** A run that was cancelled while its branch was being written. */
beforeEach(async () => {
  harness = await approvedRun();
  harness.forge.duringWrite = (written) => {
    if (written === "branch") cancelRun(harness.journal, ada);
  };
  await harness.drive();
  harness.forge.duringWrite = undefined;
  expect(harness.journal.view()).toMatchObject({ state: "CANCELLED" });
  expect(harness.writes).toEqual(["commit", "branch"]);
  branch = branches()[0] ?? "";
});
afterEach(async () => harness.close());

const lane = () => laneIn(harness, "1");
const remove = () => deleteBranch(harness.journal, ada, "1");
const branches = () => [...harness.forge.repository.branches.keys()];
const newest = () => harness.writes.slice(2);
/** Another person's commit on the branch. */
function pushOver(): void {
  const { branches: heads, commits } = harness.forge.repository;
  const head = "f".repeat(40);
  commits.set(head, { tree: "e".repeat(40), parents: [], message: "On top", authorName: "Grace\nHopper @grace" });
  heads.set(branch, head);
}
const ended = () => harness.events().filter(({ type }) => type === "branch.delete_ended");

describe("deleting the branch that an ended run left without a pull request", () => {
  it("deletes it once, records who asked, and leaves the run as it ended", async () => {
    const { cause, endedAtMs } = harness.journal.view();
    expect(cause).toContain("Delete it on the run's page");
    expect(closePullRequest(harness.journal, ada, "1", true)).toMatchObject({
      ok: false,
      code: "not_found",
      detail: expect.stringContaining(`It left the branch ${branch}`),
    });
    expect(remove()).toEqual({ ok: true });
    expect(lane().deleting).toMatchObject({ branch, by: { name: "Ada" } });
    expect(remove(), "it is under way").toMatchObject({ ok: false, code: "conflict" });
    harness.nowMs += 1000;
    await harness.drive();
    expect(newest()).toEqual(["delete_branch"]);
    expect(branches()).toEqual([]);
    expect(lane()).toMatchObject({ deleting: undefined, isBranchDeleted: true });
    expect(lane().closeResult).toEqual({ outcome: "deleted", text: `Ada deleted branch ${branch} of o/n.` });
    expect(harness.journal.view()).toMatchObject({ state: "CANCELLED", cause, endedAtMs });
    expect(remove(), "nothing is left").toMatchObject({ ok: false, code: "conflict" });
    expect(newest()).toEqual(["delete_branch"]);
    const entries = harness.store.ledgerTexts().map((text) => ledgerEntrySchema.parse(JSON.parse(text)));
    const ledger = entries.filter(({ data }) => "deletes" in data || data["write"] === "branch_delete");
    expect(ledger).toMatchObject([
      { kind: "approval", data: { deletes: branch, by: "person:1", name: "Ada", role: "dev" } },
      { kind: "write", data: { reference: branch, outcome: "deleted" } },
    ]);
  });

  it("does it once, however often a reply is lost, and says that it is gone", async () => {
    let lost = 0;
    harness.forge.duringWrite = () => {
      lost += 1;
      if (lost < 3) throw new PortError("forge", "transient", "timeout", "no answer");
    };
    remove();
    await harness.drive();
    expect(branches()).toEqual([]);
    expect(ended()).toHaveLength(1);
    expect(lane()).toMatchObject({ isBranchDeleted: true });
  });

  it("leaves a branch that somebody pushed to, and says whose commit it is", async () => {
    pushOver();
    remove();
    await harness.drive();
    expect(newest()).toEqual([]);
    expect(branches()).toEqual([branch]);
    expect(lane()).toMatchObject({ deleting: undefined, isBranchDeleted: false, closeResult: { outcome: "kept" } });
    expect(lane().closeResult?.text).toMatch(/ffffffffff, a commit by Grace Hopper .* did not write.*stays/u);
    expect(remove(), "it can be asked for again").toEqual({ ok: true });
  });

  it("leaves a branch that somebody pushed to between the look and the deletion", async () => {
    harness.forge.beforeWrite = pushOver;
    remove();
    await harness.drive();
    expect(branches()).toEqual([branch]);
    expect(lane().closeResult).toMatchObject({ outcome: "kept" });
  });

  it("leaves a branch from which a person opened a pull request since", async () => {
    harness.forge.repository.openPull({ headBranch: branch, baseBranch: "main", title: "By hand" });
    remove();
    await harness.drive();
    expect(newest()).toEqual([]);
    expect(branches()).toEqual([branch]);
    expect(lane().closeResult).toMatchObject({ outcome: "kept" });
    expect(lane().closeResult?.text).toContain("pull request #1 was opened from it");
  });

  it("finds that a person deleted it already", async () => {
    harness.forge.repository.branches.delete(branch);
    remove();
    await harness.drive();
    expect(newest()).toEqual([]);
    expect(lane()).toMatchObject({ isBranchDeleted: true, closeResult: { outcome: "gone" } });
  });

  it("says what a forge that refuses said, and can be tried again", async () => {
    const error = new PortError(
      "forge",
      "permanent",
      "forbidden",
      "delete: 403 Resource not accessible by integration",
    );
    harness.forge.refused = { kind: "delete_branch", repository: "n", error };
    remove();
    await harness.drive();
    expect(lane()).toMatchObject({ deleting: undefined, isBranchDeleted: false, closeResult: { outcome: "failed" } });
    expect(lane().closeResult?.text).toMatch(/was not deleted.*Resource not accessible.*try again/u);
    remove();
    await harness.drive();
    expect(lane().closeResult).toMatchObject({ outcome: "deleted" });
  });

  it("gives up after a while where the forge does not answer, and says that it is not known", async () => {
    let asked = 0;
    harness.forge.beforeWrite = () => {
      asked += 1;
      throw new PortError("forge", "transient", "timeout", "no answer");
    };
    remove();
    await harness.drive();
    expect(ended()).toHaveLength(1);
    expect(asked).toBeLessThan(10);
    expect(lane()).toMatchObject({ isBranchDeleted: false, closeResult: { outcome: "failed" } });
    expect(lane().closeResult?.text).toMatch(/not known whether branch .* was deleted.*could not be reached/u);
  });
});

it("is offered too where the run failed by itself after its branch was written", async () => {
  const failed = await approvedRun();
  try {
    failed.forge.beforeWrite = (kind) => {
      if (kind === "pull_request") throw new TypeError("a fault of the product's own");
    };
    await failed.drive();
    failed.forge.beforeWrite = undefined;
    const { cause, state } = failed.journal.view();
    expect(state).toBe("FAILED");
    expect(cause).toMatch(/^Something inside Assembly Lime failed;.*Branch lime\/run-.* Delete it on the run's page/u);
    expect(deleteBranch(failed.journal, ada, "1")).toEqual({ ok: true });
    await failed.drive();
    expect(laneIn(failed, "1").closeResult).toMatchObject({ outcome: "deleted" });
  } finally {
    await failed.close();
  }
});

it("is refused while the run works, and where the run wrote no branch", async () => {
  const other = await approvedRun();
  try {
    expect(deleteBranch(other.journal, ada, "1")).toMatchObject({ ok: false, code: "conflict" });
    cancelRun(other.journal, ada);
    await other.drive();
    expect(other.journal.view().state).toBe("CANCELLED");
    expect(deleteBranch(other.journal, ada, "1")).toMatchObject({ ok: false, code: "not_found" });
    expect(deleteBranch(other.journal, ada, "9")).toMatchObject({ ok: false, code: "not_found" });
  } finally {
    await other.close();
  }
});
