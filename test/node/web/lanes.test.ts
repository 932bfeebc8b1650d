import { describe, expect, test } from "vitest";
import type { PatchSet } from "../../../contracts/patch-set.ts";
import { newLane, type LaneView as DomainLane } from "../../../domain/run/lane-view.ts";
import { emptyView } from "../../../domain/run/view.ts";
import {
  laneApproval,
  laneAt,
  laneCi,
  lanesOf,
  laneWaits,
  lanePatchSet,
  type CiCheck,
  type LaneView,
} from "../../../web/features/run/model/lanes.ts";
import { lane, patchSet } from "./sample-lanes.ts";

const commit = "c".repeat(40);
const hash = "b".repeat(64);

function check(fields: Partial<CiCheck>): CiCheck {
  return {
    repositoryId: "1",
    checkId: "1",
    source: "workflow_run",
    appId: null,
    isSuperseded: false,
    name: "test",
    commit,
    status: "completed",
    conclusion: "success",
    url: "",
    ...fields,
  };
}

/** A lane whose version was committed, with these checks. */
function checked(...ci: readonly CiCheck[]): LaneView {
  return lane({
    versions: [patchSet({ hash })],
    writes: [{ repositoryId: "1", kind: "commit", hash, finished: { reference: commit, url: null } }],
    ci,
  });
}

describe("a branch that a run left", () => {
  const source = { id: "1", owner: "o", name: "n", baseBranch: "main", folder: "", dependsOn: [] };
  const pullRequest = { number: 1, url: "", branch: "lime/run-1", commit, state: "closed" } as const;
  const head = { commit, isConflicting: false, isBranchDeleted: true, isAgreed: false };
  const left = (fields: Partial<DomainLane>): string | null | undefined =>
    lanesOf({ ...emptyView, lanes: [{ ...newLane(source), ...fields }] }, { patchSets: [], tests: [], writes: [] })[0]
      ?.leftBranch;

  test("is offered to be deleted where it has no pull request or a closed one, until it is gone", () => {
    const writes = { commit, branch: "lime/run-1" };
    expect(left({})).toBeNull();
    expect(left({ writes })).toBe("lime/run-1");
    expect(left({ writes, isBranchDeleted: true })).toBeNull();
    expect(left({ writes, pullRequest })).toBe("lime/run-1");
    expect(left({ writes, pullRequest, head })).toBeNull();
    for (const state of ["open", "merged"] as const)
      expect(left({ writes, pullRequest: { ...pullRequest, state } })).toBeNull();
  });
});

describe("a lane", () => {
  test("shows its newest version; the decision is that version's own", () => {
    const approval: PatchSet["approval"] = {
      role: "dev",
      sessionId: null,
      hash,
      baseCommit: commit,
      decision: "approve",
      comment: "",
      by: { kind: "person", id: "1", name: "Ada", avatarUrl: null },
      atMs: 1,
    };
    const both = lane({
      versions: [patchSet({ version: 1, approval, superseded: true }), patchSet({ version: 2 })],
    });
    expect(lanePatchSet(both)?.version).toBe(2);
    expect(laneApproval(both)).toBeNull();
    expect(laneApproval(lane({ versions: [patchSet({ approval })] }))).toEqual(approval);
  });

  test("waits for a person only while the run does and its version is undecided", () => {
    const proposed = lane({ versions: [patchSet({})] });
    expect(laneWaits(proposed, "WAITING_APPROVAL")).toBe(true);
    expect(laneWaits(proposed, "BLOCKED_POLICY")).toBe(true);
    expect(laneWaits(proposed, "CODING")).toBe(false);
    expect(laneWaits(lane({}), "WAITING_APPROVAL")).toBe(false);
    expect(laneWaits(lane({ versions: [patchSet({ superseded: true })] }), "WAITING_APPROVAL")).toBe(false);
  });

  test("is red with one red check, green only when every check ended well", () => {
    const running = check({ checkId: "2", status: "in_progress", conclusion: null });
    const red = check({ checkId: "3", conclusion: "failure" });
    expect(laneCi(checked())).toBe("none");
    expect(laneCi(checked(check({}), check({ checkId: "4", conclusion: "skipped" })))).toBe("passed");
    expect(laneCi(checked(check({}), running))).toBe("running");
    expect(laneCi(checked(running, red))).toBe("failed");
  });

  test("takes no notice of the checks of an earlier commit", () => {
    expect(laneCi(checked(check({ commit: "d".repeat(40), conclusion: "failure" })))).toBe("none");
  });

  test("is found by its repository, and is the first one where none is named", () => {
    const lanes = [lane({ repositoryId: "1" }), lane({ repositoryId: "2" })];
    expect(laneAt(lanes, "2")?.repositoryId).toBe("2");
    expect(laneAt(lanes, "9")?.repositoryId).toBe("1");
    expect(laneAt(lanes, undefined)?.repositoryId).toBe("1");
    expect(laneAt([], "1")).toBeUndefined();
  });
});
