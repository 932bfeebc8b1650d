import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  approveClose,
  approveDeletion,
  type ApprovedClose,
  type ApprovedDeletion,
} from "../../../domain/patch-set/approved-close.ts";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { createWriteGate } from "../../../worker/services/patch-set/write-gate.ts";
import { added, approved, plan } from "./approved.ts";
import { caught } from "./fake-server.ts";
import { startFixture, type ForgeFixture } from "./forge-fixture.ts";

let fixture: ForgeFixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(async () => {
  await fixture.close();
});

const by = { kind: "person", id: "1", name: "Ada", avatarUrl: null } as const;

interface Opened {
  readonly close: ApprovedClose;
  readonly deletion: ApprovedDeletion;
  readonly branch: string;
  readonly number: number;
  /** Another commit on the branch, as somebody else pushes it. */
  readonly pushOver: () => Promise<string>;
}

/** A pull request of a run, and the close of it that a person asked for. */
async function open(branch: string): Promise<Opened> {
  const { writer } = createGitHub(fixture.options);
  const set = approved(fixture.base, [added(`${branch}.txt`, "one\n")]);
  const { commit } = await writer.writeCommit(fixture.lib, set, plan);
  await writer.createBranch(fixture.lib, set, branch, commit);
  const texts = { title: "One", body: "", headBranch: branch, baseBranch: "main" };
  const { number } = await writer.openPullRequest(fixture.lib, set, texts);
  const result = approveClose({
    pull: { number, branch },
    ownCommits: [commit],
    baseBranch: "main",
    approval: { repositoryId: "1", number, deletesBranch: true, by, role: "dev", sessionId: "1" },
  });
  if (!result.ok) throw new Error(result.reason);
  const { deletion } = result.approved;
  if (deletion === null) throw new Error("the branch was to go too");
  const pushOver = async (): Promise<string> => {
    const next = await writer.writeCommit(fixture.lib, set, { ...plan, parentCommit: commit });
    await writer.advanceBranch(fixture.lib, set, branch, { from: commit, to: next.commit });
    return next.commit;
  };
  return { close: result.approved, deletion, branch, number, pushOver };
}

describe("taking back what a run opened", () => {
  it("closes its pull request and deletes its branch, each as often as it is asked", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const { branch, close, deletion, number } = await open("lime/run-1-one");
    for (const _ of [1, 2]) await writer.closePullRequest(fixture.lib, close);
    expect(await reader.watchPullRequest(fixture.lib, number)).toMatchObject({
      state: "closed",
      isBranchDeleted: false,
    });
    for (const _ of [1, 2]) await writer.deleteBranch(fixture.lib, deletion);
    expect(await caught(reader.getBranchHead(fixture.lib, branch))).toMatchObject({ code: "not_found" });
    expect(await reader.watchPullRequest(fixture.lib, number)).toMatchObject({
      state: "closed",
      isBranchDeleted: true,
    });
  });

  it("leaves both where somebody pushed to the branch", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const { branch, close, deletion, number, pushOver } = await open("lime/run-2-one");
    const head = await pushOver();
    expect(await caught(writer.closePullRequest(fixture.lib, close))).toMatchObject({
      kind: "permanent",
      code: "moved",
    });
    expect(await caught(writer.deleteBranch(fixture.lib, deletion))).toMatchObject({
      kind: "permanent",
      code: "moved",
    });
    expect(await reader.getBranchHead(fixture.lib, branch)).toBe(head);
    expect(await reader.watchPullRequest(fixture.lib, number)).toMatchObject({ state: "open" });
  });

  it("takes nothing that no person asked for, and asks the forge for nothing then", async () => {
    const { writer } = createGitHub(fixture.options);
    const { close, deletion } = await open("lime/run-3-one");
    await expect(writer.closePullRequest(fixture.lib, { ...close })).rejects.toThrow(TypeError);
    await expect(writer.deleteBranch(fixture.lib, { ...deletion })).rejects.toThrow(TypeError);
  });

  it("deletes a branch without a pull request, once, and never while a person's pull request is open from it", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const gate = createWriteGate({ reader, writer });
    const repository = { ...fixture.lib, id: "1", baseBranch: "main" };
    const { branch, close, number } = await open("lime/run-4-one");
    const approval = { repositoryId: "1", branch, by, role: "dev", sessionId: "1" } as const;
    const request = { repository, branch, ownCommits: close.ownCommits, approval };
    expect(await gate.deleteBranch(request)).toMatchObject({ outcome: "in_use", number });
    await writer.closePullRequest(fixture.lib, close);
    expect(await gate.deleteBranch(request)).toEqual({ outcome: "deleted" });
    expect(await gate.deleteBranch(request)).toEqual({ outcome: "gone" });
    const other = await open("lime/run-5-one");
    const headCommit = await other.pushOver();
    const moved = await gate.deleteBranch({
      ...request,
      branch: other.branch,
      ownCommits: other.close.ownCommits,
      approval: { ...approval, branch: other.branch },
    });
    expect(moved).toEqual({ outcome: "moved", headCommit, author: expect.stringMatching(/./u) });
    expect(await reader.getBranchHead(fixture.lib, other.branch)).toBe(headCommit);
  });
});

describe("a close", () => {
  const approval = { repositoryId: "1", number: 3, deletesBranch: true, by, role: "dev", sessionId: "1" } as const;
  const candidate = { pull: { number: 3, branch: "b" }, ownCommits: ["c"], baseBranch: "main", approval };

  it("is of the run's own pull request alone, by a recorded request, and never of the base branch", () => {
    expect(approveClose(candidate)).toMatchObject({ ok: true, approved: { number: 3, deletion: { branch: "b" } } });
    expect(approveClose({ ...candidate, approval: { ...approval, deletesBranch: false } })).toMatchObject({
      approved: { deletion: null },
    });
    expect(approveClose({ ...candidate, approval: undefined })).toEqual({ ok: false, reason: "not_requested" });
    expect(approveClose({ ...candidate, pull: undefined })).toEqual({ ok: false, reason: "not_own" });
    expect(approveClose({ ...candidate, pull: { number: 4, branch: "b" } })).toEqual({ ok: false, reason: "not_own" });
    expect(approveClose({ ...candidate, ownCommits: [] })).toEqual({ ok: false, reason: "not_own" });
    expect(approveClose({ ...candidate, baseBranch: "b" })).toEqual({ ok: false, reason: "bad_branch" });
    expect(approveClose({ ...candidate, pull: { number: 3, branch: "-b" } })).toEqual({
      ok: false,
      reason: "bad_branch",
    });
  });

  it("of a branch alone is of one that the run wrote, by a request for that very branch", () => {
    const asked = { repositoryId: "1", branch: "b", by, role: "dev", sessionId: "1" } as const;
    const deletion = { branch: "b", ownCommits: ["c"], baseBranch: "main", approval: asked };
    expect(approveDeletion(deletion)).toMatchObject({ ok: true, approved: { branch: "b", ownCommits: ["c"] } });
    expect(approveDeletion({ ...deletion, approval: undefined })).toEqual({ ok: false, reason: "not_requested" });
    for (const other of [{ branch: undefined }, { branch: "c" }, { ownCommits: [] }])
      expect(approveDeletion({ ...deletion, ...other })).toEqual({ ok: false, reason: "not_own" });
    expect(approveDeletion({ ...deletion, baseBranch: "b" })).toEqual({ ok: false, reason: "bad_branch" });
  });
});
