import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandResult } from "../../../worker/ports/run-host.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { ada } from "../../fakes/run-start.ts";
import { cancelRun, closePullRequest } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { approvedRun, laneIn } from "./lane-steps.ts";

let harness: EngineHarness;

/** A run that was cancelled while its pull request was being opened. */
beforeEach(async () => {
  harness = await approvedRun();
  harness.forge.duringWrite = (written) => {
    if (written === "pull_request") cancelRun(harness.journal, ada);
  };
  await harness.drive();
  harness.forge.duringWrite = undefined;
  expect(harness.journal.view()).toMatchObject({ state: "CANCELLED" });
  expect(harness.writes).toEqual(["commit", "branch", "pull_request"]);
});
afterEach(async () => harness.close());

const lane = () => laneIn(harness, "1");
const close = (deletesBranch: boolean): CommandResult => closePullRequest(harness.journal, ada, "1", deletesBranch);
const atForge = () => harness.forge.repository.pulls[0]?.state;
const branches = () => [...harness.forge.repository.branches.keys()];
const newest = () => harness.writes.slice(3);
const ended = () => harness.events().filter(({ type }) => type === "pull_request.close_ended");

describe("closing the pull request that an ended run left", () => {
  it("closes it, keeps its branch, records who asked, and leaves the run as it ended", async () => {
    const { cause, endedAtMs } = harness.journal.view();
    expect(cause).toContain("was left open");
    expect(close(false)).toEqual({ ok: true });
    expect(lane().closing).toMatchObject({ by: { name: "Ada" }, deletesBranch: false });
    expect(close(false), "it is under way").toMatchObject({ ok: false, code: "conflict" });
    harness.nowMs += 1000;
    await harness.drive();
    expect(newest()).toEqual(["close"]);
    expect(atForge()).toBe("closed");
    expect(branches()).toHaveLength(1);
    expect(lane()).toMatchObject({ closing: undefined, pullRequest: { state: "closed" } });
    expect(lane().closeResult?.text).toMatch(/^Ada closed pull request #1 of o\/n. Its branch lime\/run-.* stays.$/u);
    expect(harness.journal.view()).toMatchObject({ state: "CANCELLED", cause, endedAtMs });
    expect(close(false), "it is closed").toMatchObject({ ok: false, code: "conflict" });
    expect(newest()).toEqual(["close"]);
  });

  it("deletes its branch too where that was asked, also when it is closed already", async () => {
    close(true);
    await harness.drive();
    expect(newest()).toEqual(["close", "delete_branch"]);
    expect(branches()).toEqual([]);
    expect(lane().closeResult?.text).toMatch(/closed pull request #1 of o\/n and deleted its branch/u);
    expect(close(true), "nothing is left").toMatchObject({ ok: false, code: "conflict" });
  });

  it("does both once, however often a reply is lost", async () => {
    let lost = 0;
    harness.forge.duringWrite = () => {
      lost += 1;
      if (lost < 3) throw new PortError("forge", "transient", "timeout", "no answer");
    };
    close(true);
    await harness.drive();
    expect(atForge()).toBe("closed");
    expect(branches()).toEqual([]);
    expect(ended()).toHaveLength(1);
    expect(lane().closeResult).toMatchObject({ outcome: "closed" });
  });

  it("leaves a pull request that somebody pushed to, and says so", async () => {
    harness.forge.repository.pullChanges = { headCommit: "f".repeat(40) };
    close(true);
    await harness.drive();
    expect(newest()).toEqual([]);
    expect(atForge()).toBe("open");
    expect(branches()).toHaveLength(1);
    expect(lane().closeResult).toMatchObject({ outcome: "kept" });
    expect(lane().closeResult?.text).toContain("ffffffffff, which this run did not write");
  });

  it("leaves a branch that somebody pushed to after the pull request was closed, and says so", async () => {
    harness.forge.duringWrite = (kind) => {
      const [branch] = branches();
      if (kind === "close" && branch !== undefined) harness.forge.repository.branches.set(branch, "f".repeat(40));
    };
    close(true);
    await harness.drive();
    expect(newest()).toEqual(["close"]);
    expect(branches()).toHaveLength(1);
    expect(lane().pullRequest?.state).toBe("closed");
    expect(lane().closeResult?.text).toContain("a commit that this run did not write, so it stays");
  });

  it("learns that it was merged meanwhile", async () => {
    harness.forge.repository.pullChanges = { state: "merged" };
    close(true);
    await harness.drive();
    expect(newest()).toEqual([]);
    expect(lane()).toMatchObject({ pullRequest: { state: "merged" }, closeResult: { outcome: "kept" } });
    expect(lane().closeResult?.text).toContain("was merged");
  });

  it("says what a forge that refuses said, and can be tried again", async () => {
    const error = new PortError("forge", "permanent", "forbidden", "close: 403 Resource not accessible by integration");
    harness.forge.refused = { kind: "close", repository: "n", error };
    close(false);
    await harness.drive();
    expect(lane()).toMatchObject({ closing: undefined, closeResult: { outcome: "failed" } });
    expect(lane().closeResult?.text).toMatch(/was not closed.*Resource not accessible.*try again/u);
    close(false);
    await harness.drive();
    expect(lane().closeResult).toMatchObject({ outcome: "closed" });
  });

  it("closes it also where the forge refuses to delete its branch, and says so", async () => {
    const error = new PortError("forge", "permanent", "forbidden", "delete: 403 no");
    harness.forge.refused = { kind: "delete_branch", repository: "n", error };
    close(true);
    await harness.drive();
    expect(lane()).toMatchObject({ pullRequest: { state: "closed" }, closeResult: { outcome: "closed" } });
    expect(lane().closeResult?.text).toMatch(/closed pull request #1.*refused to delete its branch/u);
    close(true);
    await harness.drive();
    expect(branches(), "the branch alone is asked for again").toEqual([]);
  });

  it("gives up after a while where the forge does not answer, and asks for nothing more", async () => {
    harness.forge.duringWrite = () => {
      throw new PortError("forge", "transient", "timeout", "no answer");
    };
    close(false);
    await harness.drive();
    expect(lane()).toMatchObject({ closing: undefined, closeResult: { outcome: "failed" } });
    expect(lane().closeResult?.text).toMatch(/not known whether pull request #1.*could not be reached \(timeout\)/u);
    expect(newest().length).toBeLessThan(10);
    expect(ended()).toHaveLength(1);
  });
});

it("a run that works refuses it, and so does one without a pull request there", async () => {
  const other = EngineHarness.start({ "README.md": "# One\n" });
  try {
    other.begin("implement");
    expect(closePullRequest(other.journal, ada, "1", true)).toMatchObject({ ok: false, code: "conflict" });
    cancelRun(other.journal, ada);
    expect(closePullRequest(other.journal, ada, "1", true)).toMatchObject({ ok: false, code: "not_found" });
    expect(closePullRequest(other.journal, ada, "9", true)).toMatchObject({ ok: false, code: "not_found" });
  } finally {
    await other.close();
  }
});
