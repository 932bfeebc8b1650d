import type { PatchSet } from "../../../contracts/patch-set.ts";
import type { LaneView } from "../../../web/features/run/model/lanes.ts";

/** A patch set of one file, but for these fields. */
export function patchSet(fields: Partial<PatchSet>): PatchSet {
  return {
    hash: "a".repeat(64),
    version: 1,
    repositoryId: "1",
    baseCommit: "a".repeat(40),
    headBranch: "lime/1",
    title: "Add up",
    summary: "",
    companions: [],
    coAuthors: [],
    patches: [
      {
        path: "src/sum.ts",
        status: "modified",
        beforeMode: "100644",
        afterMode: "100644",
        beforeBlob: null,
        afterBlob: null,
        isBinary: false,
        sizeBytes: 90,
        additions: 12,
        deletions: 3,
      },
    ],
    violations: [],
    approval: null,
    superseded: false,
    createdAtMs: 1,
    ...fields,
  };
}

/** A lane in which nothing has happened yet, but for these fields. */
export function lane(fields: Partial<LaneView>): LaneView {
  return {
    repositoryId: "1",
    owner: "lime",
    name: "units",
    folder: "units",
    base: { branch: "main", commit: null },
    stateText: "Coding",
    versions: [],
    tests: [],
    gates: {},
    writes: [],
    pullRequest: null,
    closing: null,
    deleting: null,
    leftBranch: null,
    closeResult: null,
    ci: [],
    requiredChecks: [],
    dependsOn: [],
    ...fields,
  };
}
