import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approveReview, type ApprovedReview } from "../../../domain/review/approval.ts";
import { reviewHash, reviewMarker } from "../../../domain/review/document.ts";
import type { ReviewDocument } from "../../../contracts/review.ts";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { added, approved, branch, plan } from "./approved.ts";
import { caught, commit, objectId, optionsFor, repository, startFakeServer } from "./fake-server.ts";
import { startFixture, type ForgeFixture } from "./forge-fixture.ts";

let fixture: ForgeFixture;
let number: number;
let head: string;

/** A pull request by the app: one line of `src/add.js` changes, a file of three lines is added. */
beforeAll(async () => {
  fixture = await startFixture();
  const { writer } = createGitHub(fixture.options);
  const bytes = new TextEncoder().encode("export const add = (a, b) => a + b;\n");
  const before = new TextEncoder().encode("export const add = (a, b) => a - b;\n");
  const set = approved(fixture.base, [
    {
      path: "src/add.js",
      status: "modified",
      beforeMode: "100644",
      beforeBlob: objectId("blob", before),
      afterMode: "100644",
      afterBlob: objectId("blob", bytes),
      bytes,
    },
    added("src/new.js", "one\ntwo\nthree\n"),
  ]);
  head = (await writer.writeCommit(fixture.lib, set, plan)).commit;
  await writer.createBranch(fixture.lib, set, branch, head);
  const request = { headBranch: branch, baseBranch: "main", title: "Add, not subtract", body: "It subtracted." };
  number = (await writer.openPullRequest(fixture.lib, set, request)).number;
});
afterAll(async () => {
  await fixture.close();
});

const document = (fields: Partial<ReviewDocument> = {}): ReviewDocument => ({
  pullRequestNumber: number,
  commit: head,
  body: "One thing.",
  comments: [
    { path: "src/add.js", startLine: null, line: 1, body: "Sure?" },
    { path: "src/new.js", startLine: 1, line: 3, body: "Why?\n\n```suggestion\none\n```" },
  ],
  ...fields,
});

/** A review that a recorded approval covers, made by the domain's own decision. */
function approvedReview(review: ReviewDocument): { readonly set: ApprovedReview; readonly marker: string } {
  const hash = reviewHash("5", review);
  const approval = {
    hash,
    baseCommit: review.commit,
    decision: "approve",
    by: { id: "1", name: "Ada" },
    atMs: 1,
  } as const;
  const result = approveReview({ repositoryId: "5", review, approval });
  if (!result.ok) throw new Error(result.reason);
  return { set: result.approved, marker: reviewMarker(hash) };
}

const posts = () => fixture.forge.writes().filter(({ path }) => path.endsWith("/reviews"));

describe("a pull request under review", () => {
  it("is read with its head, base, author and files", async () => {
    const { reader } = createGitHub(fixture.options);
    expect(await reader.getPullRequest(fixture.lib, number)).toMatchObject({
      number,
      state: "open",
      merged: false,
      headBranch: branch,
      headCommit: head,
      baseBranch: "main",
      baseCommit: fixture.base,
      title: "Add, not subtract",
      body: "It subtracted.",
      author: "assembly-lime[bot]",
    });
    expect(await reader.listPullFiles(fixture.lib, number)).toEqual([
      {
        path: "src/add.js",
        previousPath: null,
        status: "modified",
        additions: 1,
        deletions: 1,
        patch: "@@ -1 +1 @@\n-export const add = (a, b) => a - b;\n+export const add = (a, b) => a + b;",
      },
      expect.objectContaining({ path: "src/new.js", status: "added", additions: 3 }),
    ]);
    expect(await caught(reader.getPullRequest(fixture.lib, 999))).toMatchObject({
      kind: "permanent",
      code: "not_found",
    });
  });
});

describe("posting a review", () => {
  it("makes one comment review at the head with its inline comments, however often it is asked", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const { marker, set } = approvedReview(document());
    expect(await reader.findReview(fixture.lib, number, head, marker)).toBeUndefined();
    const first = await writer.postReview(fixture.lib, set, marker);
    expect(first.url).toContain(`/pull/${number}#pullrequestreview-${first.id}`);
    expect(await writer.postReview(fixture.lib, set, marker)).toEqual(first);
    expect(await reader.findReview(fixture.lib, number, head, marker)).toEqual(first);
    expect(await reader.findReview(fixture.lib, number, fixture.base, marker)).toBeUndefined();
    expect(posts()).toHaveLength(1);
    const page = await (await fetch(first.url)).text();
    expect(page).toContain("One thing.");
    expect(page).toContain("src/new.js:3");
    expect(page).toContain("commented");
  });

  it("is refused whole for one line that the diff does not show", async () => {
    const before = posts().length;
    const { writer } = createGitHub(fixture.options);
    for (const comment of [
      { path: "src/add.js", startLine: null, line: 9, body: "Where?" },
      { path: "src/old.js", startLine: null, line: 1, body: "Where?" },
      { path: "src/new.js", startLine: 3, line: 9, body: "Where?" },
    ]) {
      const { marker, set } = approvedReview(document({ comments: [comment] }));
      expect(await caught(writer.postReview(fixture.lib, set, marker))).toMatchObject({
        kind: "permanent",
        status: 422,
      });
    }
    expect(posts()).toHaveLength(before);
  });

  it("refuses a review without an approval before any request", async () => {
    const { writer } = createGitHub(fixture.options);
    const forged = { hash: "0".repeat(64), repositoryId: "5", review: document() } as unknown as ApprovedReview;
    const before = posts().length;
    await expect(writer.postReview(fixture.lib, forged, "x")).rejects.toThrow(TypeError);
    expect(posts()).toHaveLength(before);
  });
});

describe("a review whose reply was lost", () => {
  it("is found again by its marker, and not by a person's copy of it", async () => {
    const reviews: object[] = [];
    let lose = true;
    const review: ReviewDocument = { pullRequestNumber: 3, commit, body: "B", comments: [] };
    const { marker, set } = approvedReview(review);
    const make = (type: string, body: unknown) => ({
      id: reviews.length + 1,
      body,
      commit_id: commit,
      html_url: `http://forge.test/${reviews.length + 1}`,
      user: { type },
    });
    reviews.push(make("User", marker));
    const fake = await startFakeServer(({ body, method, url }) => {
      if (method === "GET") return { status: 200, json: reviews };
      if (!url.endsWith("/pulls/3/reviews")) return { status: 404 };
      reviews.push(make("Bot", typeof body === "object" && body !== null && "body" in body ? body.body : ""));
      return lose ? { status: 502, text: "bad gateway" } : { status: 200, json: reviews.at(-1) };
    });
    try {
      const { writer } = createGitHub(optionsFor(fake));
      expect(await caught(writer.postReview(repository, set, marker))).toMatchObject({ kind: "transient" });
      lose = false;
      expect(await writer.postReview(repository, set, marker)).toEqual({ id: "2", url: "http://forge.test/2" });
      expect(reviews).toHaveLength(2);
      expect(fake.mints.at(-1)).toEqual({ repository_ids: [42], permissions: { pull_requests: "write" } });
    } finally {
      await fake.close();
    }
  });
});
