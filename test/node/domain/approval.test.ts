import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../domain/canonical-json.ts";
import { gitBlobId, sha256Hex } from "../../../domain/hash.ts";
import { applyProblems } from "../../../domain/patch-set/apply-check.ts";
import {
  approvePatchSet,
  assertApproved,
  type ApprovalCandidate,
  type ApprovedPatchSet,
} from "../../../domain/patch-set/approval.ts";
import { patchSetHash, proposalHash } from "../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";

const base = "a".repeat(40);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function added(path: string, text: string, mode: TreeChange["afterMode"] = "100644"): TreeChange {
  return { path, status: "added", afterMode: mode, afterBlob: gitBlobId(bytes(text)), bytes: bytes(text) };
}

const grace = { name: "Grace", email: "9+grace@users.noreply.github.com" };
const text = {
  version: 1,
  headBranch: "lime/run-1",
  parentCommit: null,
  title: "Add",
  summary: "Adds.",
  coAuthors: [grace],
} as const;

function candidate(changes: readonly TreeChange[], more: Partial<ApprovalCandidate> = {}): ApprovalCandidate {
  return {
    repositoryId: "1",
    baseCommit: base,
    changes,
    companions: [],
    text,
    isBlocked: false,
    approval: {
      hash: proposalHash(patchSetHash("1", base, changes), text),
      baseCommit: base,
      decision: "approve",
      by: { id: "1", name: "Ada" },
      atMs: 5,
    },
    ...more,
  };
}

describe("approval bound to content", () => {
  const changes = [added("a.txt", "one\n"), added("b.txt", "two\n")];

  it("mints an approval for exactly these bytes", () => {
    const result = approvePatchSet(candidate(changes));
    expect(result.ok).toBe(true);
    if (result.ok) assertApproved(result.approved);
  });

  it("knows git's blob ids", () => {
    expect(gitBlobId(bytes("what is up, doc?"))).toBe("bd9dbf5aae1a3862dd1526723246b20206e5fc37");
  });

  it("is void for one byte more, another path, mode, base or repository", () => {
    const approval = candidate(changes).approval;
    const others: readonly ApprovalCandidate[] = [
      candidate([added("a.txt", "one!\n"), added("b.txt", "two\n")], { approval }),
      candidate([added("c.txt", "one\n"), added("b.txt", "two\n")], { approval }),
      candidate([added("a.txt", "one\n", "100755"), added("b.txt", "two\n")], { approval }),
      candidate([...changes, added("d.txt", "")], { approval }),
      candidate(changes.slice(1), { approval }),
      candidate(changes, { approval, repositoryId: "2" }),
    ];
    for (const other of others) expect(approvePatchSet(other)).toEqual({ ok: false, reason: "hash_mismatch" });
    expect(approvePatchSet(candidate(changes, { approval, baseCommit: "b".repeat(40) }))).toEqual({
      ok: false,
      reason: "base_mismatch",
    });
  });

  it.each([
    ["title", { title: "Add\n\nApproved-By: The Boss" }],
    ["summary", { summary: "Adds more." }],
    ["branch", { headBranch: "lime/run-2" }],
    ["place in the branch", { parentCommit: "d".repeat(40) }],
    ["version", { version: 2 }],
    ["co-author", { coAuthors: [{ ...grace, name: "Eve" }] }],
    ["address", { coAuthors: [{ ...grace, email: "8+eve@users.noreply.github.com" }] }],
    ["person more", { coAuthors: [grace, grace] }],
    ["person less", { coAuthors: [] }],
  ])("is void for another %s", (_name, other) => {
    const { approval } = candidate(changes);
    const result = approvePatchSet(candidate(changes, { approval, text: { ...text, ...other } }));
    expect(result).toEqual({ ok: false, reason: "hash_mismatch" });
  });

  it("holds where it was recorded before texts were covered, for the same bytes alone", () => {
    const { approval } = candidate(changes);
    if (approval === undefined) throw new Error("unreachable");
    const older = { ...approval, hash: patchSetHash("1", base, changes) };
    const alone = { ...text, coAuthors: [] };
    expect(approvePatchSet(candidate(changes, { approval: older, text: alone })).ok).toBe(true);
    expect(approvePatchSet(candidate([added("a.txt", "two\n")], { approval: older, text: alone })).ok).toBe(false);
    expect(approvePatchSet(candidate(changes, { approval: older })), "it covers no co-author").toMatchObject({
      reason: "hash_mismatch",
    });
  });

  it("holds where it was recorded before co-authors were covered, for the commit without them alone", () => {
    const { approval } = candidate(changes);
    if (approval === undefined) throw new Error("unreachable");
    // The hash as the version before computed it.
    const { coAuthors: _none, ...words } = text;
    const work = patchSetHash("1", base, changes);
    const hash = sha256Hex(canonicalJson({ format: "assembly-lime-patch-set/3", work, ...words }));
    const older = { ...approval, hash };
    expect(approvePatchSet(candidate(changes, { approval: older, text: { ...text, coAuthors: [] } })).ok).toBe(true);
    expect(approvePatchSet(candidate(changes, { approval: older }))).toEqual({ ok: false, reason: "hash_mismatch" });
  });

  it("is refused without a yes, under a block, and for nothing", () => {
    const { approval } = candidate(changes);
    if (approval === undefined) throw new Error("unreachable");
    expect(approvePatchSet(candidate(changes, { approval: undefined })).ok).toBe(false);
    expect(approvePatchSet(candidate(changes, { approval: { ...approval, decision: "reject" } })).ok).toBe(false);
    expect(approvePatchSet(candidate(changes, { approval: { ...approval, decision: "request_changes" } })).ok).toBe(
      false,
    );
    expect(approvePatchSet(candidate(changes, { isBlocked: true }))).toEqual({ ok: false, reason: "policy_blocked" });
    expect(approvePatchSet(candidate([])).ok).toBe(false);
  });

  it("does not take a cast for an approval", () => {
    const forged = {
      ...candidate(changes),
      hash: "x",
      approvedBy: { id: "1", name: "Eve" },
      approvedAtMs: 0,
    } as unknown as ApprovedPatchSet;
    expect(() => assertApproved(forged)).toThrow(/not approved/u);
  });

  it("hashes the same whatever the order, and differently for different content", () => {
    const one = fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/u), text: fc.string({ maxLength: 20 }) });
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ path }) => path, minLength: 1, maxLength: 5 }), (files) => {
        const list = files.map((file) => added(file.path, file.text));
        expect(patchSetHash("1", base, [...list].reverse())).toBe(patchSetHash("1", base, list));
        const first = list[0];
        if (first !== undefined)
          expect(
            patchSetHash("1", base, [
              { ...first, bytes: bytes("another content, longer than twenty") },
              ...list.slice(1),
            ]),
          ).not.toBe(patchSetHash("1", base, list));
      }),
    );
  });
});

describe("the check against the base tree", () => {
  const tree = [
    { path: "src/a.ts", mode: "100644", blob: gitBlobId(bytes("old")) },
    { path: "README.md", mode: "100644", blob: gitBlobId(bytes("readme")) },
  ];
  const modified: TreeChange = {
    path: "src/a.ts",
    status: "modified",
    beforeMode: "100644",
    beforeBlob: gitBlobId(bytes("old")),
    afterMode: "100644",
    afterBlob: gitBlobId(bytes("new")),
    bytes: bytes("new"),
  };

  it("finds nothing wrong with a fitting patch set", () => {
    expect(applyProblems([modified, added("src/b.ts", "b")], tree)).toEqual([]);
  });

  it.each<[string, TreeChange]>([
    ["another base content", { ...modified, beforeBlob: "0".repeat(40) }],
    ["bytes that are not the hashed ones", { ...modified, bytes: bytes("evil") }],
    ["an added path that exists", added("README.md", "x")],
    ["a modified path that does not exist", { ...modified, path: "src/none.ts" }],
    [".git", added(".git/config", "x")],
    [".GIT in other case", added("sub/.GiT/config", "x")],
    ["git~1", added("git~1/config", "x")],
    [".git with an ignorable character", added(".g\u200cit/config", "x")],
    ["a parent path", added("../x", "x")],
    ["an absolute path", added("/etc/passwd", "x")],
    ["a backslash", added("a\\..\\b", "x")],
    ["a symlink outside", added("link", "../../etc/passwd", "120000")],
    ["a symlink into .git", added("link", ".git/config", "120000")],
    ["a case collision", added("readme.md", "x")],
    ["a file under a file", added("README.md/x", "x")],
    ["a submodule", { ...added("sub", "x"), afterMode: "160000" as "100644" }],
    ["a large file", added("big", "x".repeat(5_000_001))],
  ])("refuses %s", (_name, change) => {
    expect(applyProblems([change], tree)).not.toEqual([]);
  });

  it("allows a symlink that stays inside", () => {
    expect(applyProblems([added("docs/link", "../README.md", "120000")], tree)).toEqual([]);
  });
});
