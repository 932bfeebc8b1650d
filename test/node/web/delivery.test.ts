import { describe, expect, test } from "vitest";
import type { PackageBump } from "../../../contracts/lane.ts";
import type { Approval } from "../../../contracts/patch-set.ts";
import {
  approvalEffect,
  branchOf,
  commitText,
  mergeOrder,
  otherNameText,
  progressOf,
  pullsAdvice,
} from "../../../web/features/run/model/delivery.ts";
import type { LaneView } from "../../../web/features/run/model/lanes.ts";
import { isWrongBump, mismatches, rangeState } from "../../../web/features/run/model/packages.ts";
import { changeOf, circular, draftOf, withRepository } from "../../../web/features/settings/delivery/draft.ts";
import { runCreatedData } from "../../fakes/run-start.ts";
import { lane, patchSet } from "./sample-lanes.ts";

const approval: Approval = {
  role: "dev",
  sessionId: null,
  hash: "b".repeat(64),
  baseCommit: "a".repeat(40),
  decision: "approve",
  comment: "",
  by: { kind: "person", id: "1", name: "Ada", avatarUrl: null },
  atMs: 1,
};
const allOrNone = { state: "WAITING_APPROVAL" as const, created: runCreatedData({ delivery: "all_or_none" }) };
const byLane = { state: "WAITING_APPROVAL" as const, created: runCreatedData({ delivery: "lane_by_lane" }) };
const units = lane({ repositoryId: "1", name: "units", versions: [patchSet({ repositoryId: "1" })] });
const report = lane({ repositoryId: "2", name: "report", versions: [patchSet({ repositoryId: "2" })] });
const approved = (of: LaneView): LaneView => ({ ...of, versions: of.versions.map((each) => ({ ...each, approval })) });
const pullRequest = { number: 3, url: "u", branch: "lime/1", commit: "c".repeat(40), state: "open" as const };

describe("an approval in a run over several repositories", () => {
  test("says which other repository is still to be decided, and when it is the last", () => {
    expect(approvalEffect(units, [units, report], allOrNone)).toMatch(
      /Nothing is written before report is decided too/,
    );
    expect(approvalEffect(units, [units, approved(report)], allOrNone)).toMatch(/last decision.*once/);
    expect(approvalEffect(units, [units], allOrNone)).not.toMatch(/reject/i);
  });

  test("does not wait for a repository without changes", () => {
    const empty = lane({ repositoryId: "3", name: "docs" });
    expect(approvalEffect(units, [units, empty], allOrNone)).toMatch(/last decision/);
  });

  test("says what a rejection does by the project's delivery", () => {
    expect(approvalEffect(units, [units, report], allOrNone)).toMatch(/Rejecting one ends the run/);
    expect(approvalEffect(units, [units, report], byLane)).toMatch(/Rejecting leaves this repository out/);
    expect(approvalEffect(units, [units, { ...approved(report), pullRequest }], allOrNone)).toMatch(
      /Rejecting ends the run; pull requests that are open stay open/,
    );
  });

  test("is counted, and nothing counts as written before the forge is asked to write", () => {
    expect(progressOf([lane({})], allOrNone)).toBe("no changes yet");
    expect(progressOf([lane({})], { ...allOrNone, state: "DECLINED" })).toBe("nothing was proposed");
    expect(progressOf([approved(units), report], allOrNone)).toBe(
      "1 of 2 approved (all or none), nothing is written yet",
    );
    const writing: LaneView = {
      ...approved(units),
      writes: [{ repositoryId: "1", kind: "commit", hash: "a".repeat(64), finished: null }],
    };
    expect(progressOf([writing, approved(report)], allOrNone)).toBe("2 of 2 approved, being written");
    expect(progressOf([{ ...approved(units), pullRequest }, approved(report)], allOrNone)).toBe(
      "1 of 2 pull requests open, 0 with green CI",
    );
  });

  test("counts pull requests by what became of them, also after the run's end", () => {
    const done = { ...allOrNone, state: "DONE" as const };
    const pull = (of: LaneView, state: "open" | "closed" | "merged"): LaneView => ({
      ...approved(of),
      pullRequest: { ...pullRequest, state },
    });
    expect(progressOf([pull(units, "merged"), pull(report, "open")], done)).toBe(
      "1 of 2 pull requests open, 1 merged, 0 with green CI",
    );
    expect(progressOf([pull(units, "merged"), pull(report, "closed")], done)).toBe(
      "1 of 2 pull requests merged, 1 closed",
    );
    expect(pullsAdvice([pull(units, "closed")])).toMatch(/was closed without a merge.*Reopen it on GitHub/);
    expect(pullsAdvice([pull(units, "merged")])).toBe("The pull request is merged.");
    expect(pullsAdvice([pull(units, "merged"), pull(report, "merged")])).toBe("The pull requests are merged.");
    expect(pullsAdvice([pull(units, "open")])).toMatch(/^The pull request is open.*Merge it on GitHub/);
    expect(pullsAdvice([pull(units, "open"), pull(report, "open")])).toMatch(/Merge them on GitHub in this order/);
    expect(pullsAdvice([pull(units, "closed"), pull(report, "open")])).toBe(
      "Of the pull requests 1 is open, 0 are merged and 1 is closed without a merge.",
    );
  });

  test("says when its pull request is merged", () => {
    const other = { repositoryId: "2", owner: "lime" };
    expect(mergeOrder([])).toBeNull();
    expect(
      mergeOrder([
        { ...other, name: "shop", merge: "after" },
        { ...other, name: "units", merge: "before" },
        { ...other, name: "text", merge: "before" },
        { ...other, name: "docs", merge: "beside" },
      ]),
    ).toBe("after units and text, before shop, in any order with docs");
  });
});

describe("everything that an approval covers", () => {
  const headBranch = "lime/run-12-fix";
  const coAuthors = [{ name: "Grace", email: "9+grace@users.noreply.github.com" }];
  const set = patchSet({ headBranch, coAuthors, title: "Fix" });

  test("has the commit's message, with the person who approves where one has", () => {
    const trailers = (name: string) =>
      `Fix\n\nPatch-Set: ${set.hash}\nApproved-By: ${name}\nCo-authored-by: Grace <${coAuthors[0]?.email}>\n`;
    expect(commitText(set)).toBe(trailers("the person who approves"));
    expect(commitText({ ...set, approval })).toBe(trailers("Ada"));
  });

  test("has the other name of a new branch, and afterwards the name that was written", () => {
    expect(otherNameText(units, set)).toContain("the name lime-run-12-fix instead");
    expect(otherNameText({ pullRequest }, set), "a branch that is there keeps its name").toBeNull();
    expect(branchOf(units, set)).toBe(headBranch);
    const finished = { reference: "lime-run-12-fix", url: null };
    const write = { repositoryId: "1", kind: "branch", hash: set.hash, finished } as const;
    expect(branchOf({ ...units, writes: [{ ...write }] }, set)).toBe("lime-run-12-fix");
    expect(branchOf({ ...units, writes: [{ ...write, hash: "c".repeat(64) }] }, set)).toBe(headBranch);
  });
});

describe("the versions of packages", () => {
  const bump: PackageBump = {
    repositoryId: "1",
    path: "package.json",
    name: "units",
    from: "1.2.0",
    to: "2.0.0",
    bump: "major",
    needed: "major",
    why: "",
    consumers: [],
  };
  const consumer = { repositoryId: "2", path: "package.json", range: "^2.0.0", rangeBefore: "^1.0.0" };

  test("are wrong when they rise by too little, fall, or can't be read; a larger step is no fault", () => {
    expect(isWrongBump(bump)).toBe(false);
    expect(isWrongBump({ bump: "major", needed: "patch" })).toBe(false);
    expect(isWrongBump({ bump: "none", needed: "none" })).toBe(false);
    expect(isWrongBump({ bump: "none", needed: "patch" })).toBe(true);
    expect(isWrongBump({ bump: "minor", needed: "major" })).toBe(true);
    expect(isWrongBump({ bump: "lower", needed: "none" })).toBe(true);
    expect(isWrongBump({ bump: "invalid", needed: "none" })).toBe(true);
  });

  test("a range that can't be compared is unknown and no mismatch", () => {
    expect(rangeState({ ...consumer, satisfied: false, isKnown: false })).toBe("unknown");
    expect(rangeState({ ...consumer, satisfied: true, isKnown: true })).toBe("satisfied");
    const consumers = [
      { ...consumer, satisfied: false, isKnown: true },
      { ...consumer, satisfied: false, isKnown: false },
    ];
    expect(
      mismatches([
        { ...bump, consumers },
        { ...bump, bump: "none" },
      ]),
    ).toBe(2);
  });
});

describe("a project's delivery in its form", () => {
  const stored = {
    delivery: "all_or_none" as const,
    repositories: [
      { repositoryId: "1", dependsOn: [], testCommand: null },
      { repositoryId: "2", dependsOn: ["1"], testCommand: "npm test" },
    ],
  };
  const draft = draftOf(stored);

  test("saves only what was changed; an empty command means that it is found", () => {
    expect(changeOf(stored, draft)).toBeNull();
    expect(changeOf(stored, withRepository(draft, "1", { testCommand: "  " }))).toBeNull();
    expect(changeOf(stored, { ...draft, delivery: "lane_by_lane" })).toEqual({
      delivery: "lane_by_lane",
      repositories: [],
    });
    expect(changeOf(stored, withRepository(draft, "2", { testCommand: "" }))).toEqual({
      delivery: "all_or_none",
      repositories: [{ repositoryId: "2", dependsOn: ["1"], testCommand: null }],
    });
  });

  test("finds repositories that depend on each other, also over a third", () => {
    expect(circular(draft)).toEqual([]);
    expect(circular(withRepository(draft, "1", { dependsOn: ["2"] }))).toEqual(["1", "2"]);
    const three = {
      ...draft,
      repositories: [
        { repositoryId: "1", dependsOn: ["2"], testCommand: "" },
        { repositoryId: "2", dependsOn: ["3"], testCommand: "" },
        { repositoryId: "3", dependsOn: ["1"], testCommand: "" },
        { repositoryId: "4", dependsOn: ["1"], testCommand: "" },
      ],
    };
    expect(circular(three)).toEqual(["1", "2", "3"]);
  });
});
