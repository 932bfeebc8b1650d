import { describe, expect, it } from "vitest";
import type { PullFile } from "../../../contracts/review.ts";
import { approveReview, assertApprovedReview, type ApprovedReview } from "../../../domain/review/approval.ts";
import { pullDiffText } from "../../../domain/review/diff-text.ts";
import { misplacedComment, reviewDocument, reviewHash, reviewMarker } from "../../../domain/review/document.ts";
import { hunksOf, showsLines } from "../../../domain/review/hunks.ts";
import { startRunSchema } from "../../../contracts/run.ts";

const patch = ["@@ -1,3 +1,4 @@ top", " a", "-b", "+B", "+@@ -9,9 +9,9 @@", " c", "@@ -20,2 +21 @@", " x", "-y"].join(
  "\n",
);
const file = (path: string, text: string | null): PullFile => ({
  path,
  previousPath: null,
  status: "modified",
  additions: 1,
  deletions: 1,
  patch: text,
});
const head = { number: 7, commit: "f".repeat(40) };
const finding = {
  path: "a.ts",
  line: 2,
  endLine: null,
  severity: "major",
  message: "Wrong.",
  suggestion: null,
} as const;
const review = (...findings: (typeof finding | object)[]) =>
  reviewDocument(
    head,
    { verdict: "send_back", summary: "Look.", findings: findings.map((each) => ({ ...finding, ...each })) },
    [file("a.ts", patch), file("logo.png", null)],
  );

describe("hunks", () => {
  it("span the new lines, by their counts and not by what a line looks like", () => {
    expect(hunksOf(patch)).toEqual([
      { newFrom: 1, newTo: 4 },
      { newFrom: 21, newTo: 21 },
    ]);
    expect(hunksOf("@@ -1,2 +0,0 @@\n-a\n-b")).toEqual([]);
    expect(hunksOf("@@ -0,0 +1 @@\n+a\n\\ No newline at end of file")).toEqual([{ newFrom: 1, newTo: 1 }]);
  });

  it("take a range only within one hunk", () => {
    expect(showsLines(patch, 1, 4)).toBe(true);
    expect(showsLines(patch, 4, 21)).toBe(false);
    expect(showsLines(patch, 4, 5)).toBe(false);
    expect(showsLines(patch, 3, 2)).toBe(false);
    expect(showsLines(null, 1, 1)).toBe(false);
  });
});

describe("a review's document", () => {
  it("puts a range with its suggestion beside the code, in a fence that it can't close", () => {
    expect(review({ line: 2, endLine: 3, suggestion: "```\ncode\n```\n" }).comments).toEqual([
      { path: "a.ts", startLine: 2, line: 3, body: "**major** Wrong.\n\n````suggestion\n```\ncode\n```\n````" },
    ]);
  });

  it("keeps in the body what the diff does not show", () => {
    const document = review({ line: 9 }, { path: "logo.png", line: 1 }, { path: "other.ts" }, { line: null });
    expect(document.comments).toEqual([]);
    expect(document.body).toBe(
      "Look.\n\n### Beside the diff\n\n`a.ts:9` **major** Wrong.\n\n`logo.png:1` **major** Wrong.\n\n`other.ts:2` **major** Wrong.\n\n`a.ts` **major** Wrong.",
    );
  });

  it("hides credentials and shows hidden comments", () => {
    const token = `ghp_${"a".repeat(36)}`;
    const document = review({
      message: `Leaks ${token} <!-- ${reviewMarker("0".repeat(64))}`,
      suggestion: `x = "${token}"`,
    });
    expect(JSON.stringify(document)).not.toContain(token);
    expect(JSON.stringify(document)).not.toContain("<!--");
  });

  it("mentions nobody, closes nothing, and leaves no fence open", () => {
    const document = review({ message: "Ask @org/everyone; closes o/r#2\n```" });
    expect(document.comments[0]?.body).toContain("Ask `@org/everyone`; `closes` o/r#2\n```\n```");
  });

  it("has another hash for another word, line, commit, pull request or repository", () => {
    const first = review({});
    const hashes = [
      reviewHash("1", first),
      reviewHash("2", first),
      reviewHash("1", { ...first, body: "Look!" }),
      reviewHash("1", { ...first, commit: "e".repeat(40) }),
      reviewHash("1", { ...first, pullRequestNumber: 8 }),
      reviewHash("1", { ...first, comments: first.comments.map((comment) => ({ ...comment, line: 3 })) }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(reviewHash("1", structuredClone(first))).toBe(hashes[0]);
  });

  it("is misplaced once the diff shows other lines", () => {
    const document = review({});
    expect(misplacedComment(document, [file("a.ts", patch)])).toBeUndefined();
    expect(misplacedComment(document, [file("a.ts", "@@ -9 +9 @@\n-a\n+b")])).toMatchObject({ path: "a.ts", line: 2 });
    expect(misplacedComment(document, [])).toMatchObject({ path: "a.ts" });
  });
});

describe("an approved review", () => {
  const document = review({});
  const approval = {
    hash: reviewHash("1", document),
    baseCommit: head.commit,
    decision: "approve",
    by: { id: "1", name: "Ada" },
    atMs: 1,
  } as const;
  const decide = (fields: object | undefined, changed: object = {}) =>
    approveReview({
      repositoryId: "1",
      review: { ...document, ...changed },
      approval: fields === undefined ? undefined : { ...approval, ...fields },
    });

  it("comes from a yes to this hash at this head alone", () => {
    const minted = decide({});
    expect(minted.ok).toBe(true);
    if (minted.ok) expect(() => assertApprovedReview(minted.approved)).not.toThrow();
    expect(decide(undefined)).toEqual({ ok: false, reason: "not_approved" });
    expect(decide({ decision: "reject" })).toEqual({ ok: false, reason: "not_approved" });
    expect(decide({ baseCommit: "e".repeat(40) })).toEqual({ ok: false, reason: "commit_mismatch" });
    expect(decide({}, { commit: "e".repeat(40) })).toEqual({ ok: false, reason: "commit_mismatch" });
    expect(decide({ hash: "0".repeat(64) })).toEqual({ ok: false, reason: "hash_mismatch" });
    expect(decide({}, { body: "Other." })).toEqual({ ok: false, reason: "hash_mismatch" });
  });

  it("can't be made by a cast", () => {
    const forged = { hash: approval.hash, repositoryId: "1", review: document } as unknown as ApprovedReview;
    expect(() => assertApprovedReview(forged)).toThrow(TypeError);
  });
});

describe("a diff for the reviewer", () => {
  it("names what it leaves out", () => {
    const text = pullDiffText([file("a.ts", patch), file("long.ts", `@@ -1 +1 @@\n+${"x".repeat(900)}`)], 500);
    expect(text).toContain("diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1,3");
    expect(text).toContain("git_diff");
    expect(text).toMatch(/\nlong\.ts$/u);
    expect(text).not.toContain("xxx");
  });
});

describe("starting a review", () => {
  const body = { projectId: "1", repositoryId: "1", mode: "review", model: "m", prompt: "Review it." };
  const issues = (fields: object) =>
    startRunSchema.safeParse({ ...body, ...fields }).error?.issues.map((issue) => issue.path.join(".")) ?? [];
  it.each([
    [{ pullRequestNumber: 12 }, []],
    [{}, ["pullRequestNumber"]],
    [{ pullRequestNumber: 0 }, ["pullRequestNumber"]],
    [{ pullRequestNumber: 1.5 }, ["pullRequestNumber"]],
    [{ mode: "implement", pullRequestNumber: 12 }, ["pullRequestNumber"]],
    [{ pullRequestNumber: 12, baseBranch: "main" }, ["baseBranch"]],
  ])("%j", (fields, expected) => {
    expect(issues(fields)).toEqual(expected);
  });
});
