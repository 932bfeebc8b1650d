import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { added, approved, branch, plan } from "./approved.ts";
import { caught, objectId } from "./fake-server.ts";
import { binary, eventually, startFixture } from "./forge-fixture.ts";
import type { ForgeFixture } from "./forge-fixture.ts";

let fixture: ForgeFixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(async () => {
  await fixture.close();
});

const fixed = new TextEncoder().encode("export const add = (a, b) => a + b;\n");
function patch(): ReturnType<typeof approved> {
  const oldBytes = new TextEncoder().encode("export const add = (a, b) => a - b;\n");
  const deleted = new TextEncoder().encode("export const old = 1;\n");
  const shell = new TextEncoder().encode("#!/bin/sh\n");
  return approved(fixture.base, [
    {
      path: "src/add.js",
      status: "modified",
      beforeMode: "100644",
      beforeBlob: objectId("blob", oldBytes),
      afterMode: "100644",
      afterBlob: objectId("blob", fixed),
      bytes: fixed,
    },
    { path: "src/old.js", status: "deleted", beforeMode: "100644", beforeBlob: objectId("blob", deleted) },
    {
      path: "run.sh",
      status: "modified",
      beforeMode: "100755",
      beforeBlob: objectId("blob", shell),
      afterMode: "100644",
      afterBlob: objectId("blob", shell),
      bytes: shell,
    },
    added("deep/er/bytes.bin", Uint8Array.from(binary.toReversed())),
    added("deep/tool.sh", "#!/bin/sh\n", "100755"),
    added("deep/link", "../src/add.js", "120000"),
    added("ünï cödé/🍋 #?.txt", "lime\n"),
  ]);
}

describe("writing", () => {
  it("makes commits that the forge signs, moves no ref, and the commit holds exactly the patch", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const set = patch();
    const first = await writer.writeCommit(fixture.lib, set, plan);
    const again = await writer.writeCommit(fixture.lib, set, plan);
    expect(again.tree).toBe(first.tree);
    expect(again.commit).not.toBe(first.commit);
    const expectedCommit = {
      tree: first.tree,
      parents: [fixture.base],
      message: plan.message,
      authorName: expect.any(String),
    };
    for (const { commit } of [first, again])
      expect(await reader.getCommit(fixture.lib, commit)).toEqual(expectedCommit);
    expect(await fixture.verification(first.commit)).toMatchObject({ verified: true, reason: "valid" });
    expect(await caught(reader.getCommit(fixture.lib, "e".repeat(40)))).toMatchObject({ code: "not_found" });
    expect(await reader.getBranchHead(fixture.lib, "main")).toBe(fixture.base);

    await writer.createBranch(fixture.lib, set, branch, first.commit);
    const describeTree = (entries: Awaited<ReturnType<typeof reader.getTree>>): Map<string, string> =>
      new Map(
        entries.filter((entry) => entry.type === "blob").map((entry) => [entry.path, `${entry.mode} ${entry.blob}`]),
      );
    const expected = describeTree(await reader.getTree(fixture.lib, fixture.base));
    for (const change of set.changes) {
      if (change.status === "deleted") expected.delete(change.path);
      else expected.set(change.path, `${change.afterMode ?? ""} ${change.afterBlob ?? ""}`);
    }
    expect(describeTree(await reader.getTree(fixture.lib, first.commit))).toEqual(expected);
    expect(await reader.getFile(fixture.lib, first.commit, "src/add.js")).toEqual(Uint8Array.from(fixed));
  });

  it("makes a branch once, whatever its name, and never moves one", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const set = patch();
    const { commit } = await writer.writeCommit(fixture.lib, set, plan);
    for (const name of ["$(touch${IFS}x)", "a#b&c=d", "feature/x/y", "ünïcödé/🍋", "100%25", "semi;colon'\"`|&<>"]) {
      await writer.createBranch(fixture.lib, set, name, commit);
      await writer.createBranch(fixture.lib, set, name, commit);
      expect(await reader.getBranchHead(fixture.lib, name)).toBe(commit);
      expect(await caught(writer.createBranch(fixture.lib, set, name, fixture.base))).toMatchObject({
        kind: "permanent",
        code: "ref_conflict",
      });
      expect(await reader.getBranchHead(fixture.lib, name)).toBe(commit);
    }
    expect(await caught(writer.createBranch(fixture.lib, set, "main", commit))).toMatchObject({ code: "bad_ref" });
    for (const name of ["a#b?c", "$(touch x)"]) {
      expect(await caught(writer.createBranch(fixture.lib, set, name, commit))).toMatchObject({ code: "bad_ref" });
      expect(await caught(reader.getBranchHead(fixture.lib, name))).toMatchObject({ code: "not_found" });
    }
    expect(await caught(writer.createBranch(fixture.lib, set, "dangling", "e".repeat(40)))).toMatchObject({
      kind: "permanent",
    });
    expect(await caught(reader.getBranchHead(fixture.lib, "dangling"))).toMatchObject({ code: "not_found" });
    expect(await reader.getBranchHead(fixture.lib, "main")).toBe(fixture.base);
  });

  it("opens one pull request for a branch", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const set = patch();
    const { commit } = await writer.writeCommit(fixture.lib, set, plan);
    const headBranch = "pr/odd&head=#name+%20";
    await writer.createBranch(fixture.lib, set, headBranch, commit);
    expect(await reader.findPullRequest(fixture.lib, headBranch)).toBeUndefined();
    const request = { headBranch, baseBranch: "main", title: "Fix adding", body: "It added wrongly." };
    const opened = await writer.openPullRequest(fixture.lib, set, request);
    expect(opened).toMatchObject({ state: "open", merged: false, headBranch, headCommit: commit, baseBranch: "main" });
    expect(opened.url).toBe(`${fixture.forge.url}/octo/lib/pull/${opened.number}`);
    expect(await writer.openPullRequest(fixture.lib, set, request)).toEqual(opened);
    expect(await reader.findPullRequest(fixture.lib, headBranch)).toEqual(opened);
    expect(fixture.forge.writes().filter((write) => write.path.endsWith("/pulls"))).toHaveLength(1);
    expect(await caught(writer.openPullRequest(fixture.lib, set, { ...request, headBranch: "nowhere" }))).toMatchObject(
      {
        kind: "permanent",
        code: "invalid_request",
      },
    );
  });

  it("moves a run's branch on from the run's own commit, and never over a foreign commit", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const set = patch();
    const { commit } = await writer.writeCommit(fixture.lib, set, plan);
    const { commit: other } = await writer.writeCommit(fixture.lib, set, { ...plan, message: "Somebody else's" });
    const { commit: next } = await writer.writeCommit(fixture.lib, set, { ...plan, parentCommit: commit });
    const head = (): Promise<string> => reader.getBranchHead(fixture.lib, "lime/advance");
    await writer.createBranch(fixture.lib, set, "lime/advance", commit);
    const request = { headBranch: "lime/advance", baseBranch: "main", title: "Fix", body: "v1" };
    const opened = await writer.openPullRequest(fixture.lib, set, request);
    await writer.advanceBranch(fixture.lib, set, "lime/advance", { from: commit, to: next });
    await writer.advanceBranch(fixture.lib, set, "lime/advance", { from: commit, to: next });
    expect(await head()).toBe(next);
    const refused = writer.advanceBranch(fixture.lib, set, "lime/advance", { from: other, to: commit });
    expect(await caught(refused)).toMatchObject({ kind: "permanent", code: "ref_conflict" });
    // Not forced: the forge itself refuses a commit that isn't on top of the head.
    const sideways = writer.advanceBranch(fixture.lib, set, "lime/advance", { from: next, to: other });
    expect(await caught(sideways)).toMatchObject({ kind: "permanent" });
    expect(await head()).toBe(next);
    const main = writer.advanceBranch(fixture.lib, set, "main", { from: fixture.base, to: commit });
    expect(await caught(main)).toMatchObject({ code: "bad_ref" });
    const again = await writer.openPullRequest(fixture.lib, set, { ...request, body: "v2", isUpdate: true });
    expect(again.number).toBe(opened.number);
    expect(await (await fetch(opened.url)).text()).toContain("v2");
  });

  it("leaves one of each when every reply of a write is lost the first time", async () => {
    const lost = new Set<string>();
    const lossy = createGitHub({
      ...fixture.options,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        const key = `${init.method ?? ""} ${url} ${typeof init.body === "string" ? init.body : ""}`;
        if (init.method !== "POST" || url.includes("access_tokens") || response.status !== 201 || lost.has(key))
          return response;
        lost.add(key);
        return new Response("bad gateway", { status: 502 });
      },
    });
    const again = async <T>(work: () => Promise<T>): Promise<T> =>
      eventually(() => work().catch(() => undefined), "the write");
    const set = patch();
    const before = fixture.forge.writes().length;
    const { commit } = await again(() => lossy.writer.writeCommit(fixture.lib, set, plan));
    await again(async () => {
      await lossy.writer.createBranch(fixture.lib, set, "lossy", commit);
      return true;
    });
    const request = { headBranch: "lossy", baseBranch: "main", title: "t", body: "b" };
    const pull = await again(() => lossy.writer.openPullRequest(fixture.lib, set, request));
    const writes = fixture.forge
      .writes()
      .slice(before)
      .filter((write) => /\/(refs|pulls)$/u.test(write.path));
    expect(writes.map((write) => write.path.replace(/.*\//u, ""))).toEqual(["refs", "pulls"]);
    expect(pull).toMatchObject({ headBranch: "lossy", headCommit: commit });
    expect(lost.size).toBeGreaterThan(3);
  });

  it("refuses an empty repository and an unknown base", async () => {
    const { writer } = createGitHub(fixture.options);
    expect(await caught(writer.writeCommit(fixture.empty, patch(), plan))).toMatchObject({ kind: "permanent" });
    expect(
      await caught(writer.writeCommit(fixture.lib, approved("d".repeat(40), [added("x", "x")]), plan)),
    ).toMatchObject({
      kind: "permanent",
      code: "not_found",
    });
  });
});
