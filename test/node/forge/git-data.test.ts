import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Octokit } from "@octokit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binary, clientOf, commitOn, lib, refusal, startFixture, type Fixture, containing } from "./fixture.ts";

let fixture: Fixture;
let octokit: Octokit;
beforeAll(async () => {
  fixture = await startFixture();
  ({ octokit } = await clientOf(fixture));
});
afterAll(() => fixture.close());

const empty = { owner: "octo", repo: "empty" };

describe("commits", () => {
  it("have the id that their bytes have, so that a repeat makes the same", async () => {
    const { data: parent } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
      ...lib,
      commit_sha: fixture.base,
    });
    const request = {
      ...lib,
      message: "Fix adding\n\nNo final newline",
      tree: parent.tree.sha,
      parents: [fixture.base],
      author: { name: "Zoë Lime", email: "zoe@example.com", date: "2026-11-01T12:00:00+02:00" },
    };
    const one = await octokit.request("POST /repos/{owner}/{repo}/git/commits", request);
    const two = await octokit.request("POST /repos/{owner}/{repo}/git/commits", request);
    const who = "Zoë Lime <zoe@example.com> 1793527200 +0200";
    const bytes = Buffer.from(
      `tree ${parent.tree.sha}\nparent ${fixture.base}\nauthor ${who}\ncommitter ${who}\n\n${request.message}`,
    );
    const id = createHash("sha1").update(`commit ${bytes.length}\0`).update(bytes).digest("hex");
    expect([one.data.sha, two.data.sha]).toEqual([id, id]);
    expect(one.data.author).toEqual({ name: "Zoë Lime", email: "zoe@example.com", date: "2026-11-01T10:00:00Z" });
  });

  it("are refused on what isn't there", async () => {
    const request = { ...lib, message: "m", tree: "1".repeat(40), parents: [fixture.base] };
    expect(await refusal(octokit.request("POST /repos/{owner}/{repo}/git/commits", request))).toMatchObject({
      status: 422,
      message: containing("Tree SHA does not exist"),
    });
    const { data: parent } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
      ...lib,
      commit_sha: fixture.base,
    });
    const orphan = { ...request, tree: parent.tree.sha, parents: ["2".repeat(40)] };
    expect(await refusal(octokit.request("POST /repos/{owner}/{repo}/git/commits", orphan))).toMatchObject({
      status: 422,
      message: containing("Parent SHA"),
    });
  });
});

describe("trees and blobs", () => {
  it("change what is asked and keep the rest, in bytes, modes and links", async () => {
    const blob = await octokit.request("POST /repos/{owner}/{repo}/git/blobs", {
      ...lib,
      encoding: "base64",
      content: Buffer.from(binary).toString("base64"),
    });
    const head = await commitOn(octokit, "trees", fixture.base, [
      { path: "deep/er/data.bin", sha: blob.data.sha },
      { path: "tool.sh", content: "#!/bin/sh\n", mode: "100755" },
      { path: "other-link", content: "README.md", mode: "120000" },
      { path: "src/long.js", sha: null },
      { path: "README.md", content: "# changed\n" },
    ]);
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
      ...lib,
      tree_sha: head,
      recursive: "1",
    });
    expect(data.truncated).toBe(false);
    const modes = Object.fromEntries(data.tree.map(({ path, mode }) => [path, mode]));
    expect(modes).toMatchObject({
      "deep/er": "040000",
      "deep/er/data.bin": "100644",
      "tool.sh": "100755",
      "other-link": "120000",
      "run.sh": "100755",
      "link.js": "120000",
    });
    expect(modes).not.toHaveProperty("src/long.js");
    const back = await octokit.request("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", {
      ...lib,
      file_sha: blob.data.sha,
    });
    expect(new Uint8Array(Buffer.from(back.data.content, "base64"))).toEqual(binary);
  });

  it.each(["../escape", ".git/config", "a/.GIT/hooks/x", "/absolute", "a//b", "a/./b", "a/.g\u200cit/x"])(
    "refuse the path %s",
    async (path) => {
      const request = octokit.request("POST /repos/{owner}/{repo}/git/trees", {
        ...lib,
        base_tree: fixture.base,
        tree: [{ path, mode: "100644", type: "blob", content: "x" }],
      });
      expect(await refusal(request)).toMatchObject({
        status: 422,
        message: containing("malformed path component"),
      });
    },
  );

  it("refuse to delete what isn't there, and objects that aren't there", async () => {
    const tree = (sha: string | null) =>
      octokit.request("POST /repos/{owner}/{repo}/git/trees", {
        ...lib,
        base_tree: fixture.base,
        tree: [{ path: "no/such", mode: "100644", type: "blob", sha }],
      });
    expect(await refusal(tree(null))).toMatchObject({ status: 422 });
    expect(await refusal(tree("3".repeat(40)))).toMatchObject({ status: 422 });
  });
});

describe("refs", () => {
  it("are made once, moved forward, and back only when forced", async () => {
    const head = await commitOn(octokit, "forward", fixture.base, [{ path: "a", content: "a" }]);
    const create = octokit.request("POST /repos/{owner}/{repo}/git/refs", {
      ...lib,
      ref: "refs/heads/forward",
      sha: head,
    });
    expect(await refusal(create)).toMatchObject({
      status: 422,
      message: containing("Reference already exists"),
    });
    const move = (sha: string, force?: boolean) =>
      octokit.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", {
        ...lib,
        ref: "heads/forward",
        sha,
        ...(force === undefined ? {} : { force }),
      });
    expect(await refusal(move(fixture.base))).toMatchObject({
      status: 422,
      message: containing("Update is not a fast forward"),
    });
    expect((await move(fixture.base, true)).data.object.sha).toBe(fixture.base);
    expect((await move(head)).data.object.sha).toBe(head);
    await octokit.request("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { ...lib, ref: "heads/forward" });
    expect(
      await refusal(octokit.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...lib, ref: "heads/forward" })),
    ).toMatchObject({ status: 404 });
  });

  it.each([
    "refs/heads/$(touch x)",
    "refs/heads/a..b",
    "refs/heads/x.lock",
    "main",
    "refs/pull/1/head",
    "refs/heads/a\0b",
  ])("refuse the name %j", async (ref) => {
    const request = octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...lib, ref, sha: fixture.base });
    expect(await refusal(request)).toMatchObject({
      status: 422,
      message: containing("is not a valid ref name"),
    });
  });

  it("point at commits that are there", async () => {
    const { data: commit } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
      ...lib,
      commit_sha: fixture.base,
    });
    for (const sha of ["4".repeat(40), commit.tree.sha, "--all"]) {
      const request = octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...lib, ref: "refs/heads/wrong", sha });
      expect(await refusal(request)).toMatchObject({
        status: 422,
        message: containing("Object does not exist"),
      });
    }
  });

  it("need the permission for workflow files", async () => {
    const { octokit: narrow } = await clientOf(fixture, { permissions: { contents: "write" } });
    const change = [{ path: ".github/workflows/ci.yml", content: "on: push\n" }];
    expect(await refusal(commitOn(narrow, "ci-narrow", fixture.base, change))).toMatchObject({ status: 403 });
    await commitOn(octokit, "ci-wide", fixture.base, change);
  });
});

describe("an empty repository", () => {
  it("says so in GitHub's words", async () => {
    const blob = octokit.request("POST /repos/{owner}/{repo}/git/blobs", { ...empty, content: "x" });
    expect(await refusal(blob)).toMatchObject({
      status: 409,
      message: containing("Git Repository is empty."),
    });
    expect(
      await refusal(octokit.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...empty, ref: "heads/main" })),
    ).toMatchObject({ status: 409 });
    expect(
      await refusal(octokit.request("GET /repos/{owner}/{repo}/contents/{path}", { ...empty, path: "a" })),
    ).toMatchObject({ status: 404 });
    expect((await octokit.request("GET /repos/{owner}/{repo}/branches", empty)).data).toEqual([]);
  });
});

describe("reading", () => {
  it("serves contents as files, folders, links and raw bytes", async () => {
    const get = (path: string, accept?: string) =>
      octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
        ...lib,
        path,
        ...(accept === undefined ? {} : { headers: { accept } }),
      });
    const file = (await get("src/add.js")).data;
    expect(file).toMatchObject({ type: "file", encoding: "base64", path: "src/add.js" });
    expect((await get("src")).data).toMatchObject([{ name: "add.js", type: "file" }, { name: "long.js" }]);
    expect((await get("link.js")).data).toMatchObject({
      type: "file",
      path: "link.js",
      sha: "sha" in file ? file.sha : "",
    });
    const raw = await fetch(`${fixture.forge.apiUrl}/repos/octo/lib/contents/data.bin`, {
      headers: {
        authorization: `Bearer ${(await clientOf(fixture)).token}`,
        accept: "application/vnd.github.raw+json",
      },
    });
    expect(new Uint8Array(await raw.arrayBuffer())).toEqual(binary);
    expect((await octokit.request("GET /repos/{owner}/{repo}/readme", lib)).data.name).toBe("README.md");
    expect((await octokit.request("GET /repos/{owner}/{repo}/languages", lib)).data).toHaveProperty("JavaScript");
  });

  it("serves a tarball behind a redirect that needs no token, with everything in it", async () => {
    const { token } = await clientOf(fixture);
    const link = await fetch(`${fixture.forge.apiUrl}/repos/octo/lib/tarball/main`, {
      redirect: "manual",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(link.status).toBe(302);
    const address = link.headers.get("location") ?? "";
    const folder = mkdtempSync(join(fixture.root, "tar-"));
    execFileSync("tar", ["-xzf", "-", "-C", folder], {
      input: Buffer.from(await (await fetch(address)).arrayBuffer()),
    });
    expect(new Uint8Array(readFileSync(join(folder, `octo-lib-${fixture.base.slice(0, 7)}`, "data.bin")))).toEqual(
      binary,
    );
    expect((await fetch(address.replace(/token=.{5}/, "token=wrong"))).status).toBe(404);
    expect((await fetch(address.replace(/[0-9a-f]{40}/, "5".repeat(40)))).status).toBe(404);
  });

  it("compares, and tells commits apart from what isn't one", async () => {
    const head = await commitOn(octokit, "compared", fixture.base, [{ path: "c.txt", content: "c\n" }]);
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/compare/{basehead}", {
      ...lib,
      basehead: "main...compared",
    });
    expect(data).toMatchObject({
      status: "ahead",
      ahead_by: 1,
      behind_by: 0,
      merge_base_commit: { sha: fixture.base },
      commits: [{ sha: head }],
    });
    expect(data.files).toMatchObject([
      { filename: "c.txt", status: "added", additions: 1, patch: "@@ -0,0 +1 @@\n+c" },
    ]);
    expect(
      (await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}", { ...lib, ref: "compared" })).data,
    ).toMatchObject({ sha: head, stats: { additions: 1 } });
    expect(
      await refusal(octokit.request("GET /repos/{owner}/{repo}/commits/{ref}", { ...lib, ref: "main~1" })),
    ).toMatchObject({ status: 422 });
    const page = await octokit.request("GET /repos/{owner}/{repo}/branches", { ...lib, per_page: 1 });
    expect(page.headers.link).toContain('rel="next"');
  });
});
