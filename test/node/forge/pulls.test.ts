import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Octokit } from "@octokit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  clientOf,
  commitOn,
  lib,
  libFiles,
  personOf,
  refusal,
  startFixture,
  type Fixture,
  containing,
  anyText,
} from "./fixture.ts";

let fixture: Fixture;
let octokit: Octokit;
let mona: Octokit;
beforeAll(async () => {
  fixture = await startFixture();
  ({ octokit } = await clientOf(fixture));
  mona = await personOf(fixture, "mona");
});
afterAll(() => fixture.close());

async function opened(
  branch: string,
  files: Parameters<typeof commitOn>[3],
): Promise<{ number: number; head: string }> {
  const head = await commitOn(octokit, branch, fixture.base, files);
  const { data } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...lib,
    head: branch,
    base: "main",
    title: `Pull ${branch}`,
    body: "Why.",
  });
  return { number: data.number, head };
}

/** Git's own words about two commits of the repository, from its bare directory. */
function plainGit(...args: string[]): string {
  const directory = join(fixture.options.dataDir, "repositories", `${fixture.libId}.git`);
  return execFileSync("git", ["--git-dir", directory, ...args], { encoding: "utf8" });
}

describe("a pull request", () => {
  it("has the files and the diff that git has", async () => {
    const long = libFiles["src/long.js"].replace("line3 = 3", "line3 = 33").replace("line50 = 50", "line50 = 5_0");
    const { number, head } = await opened("truthful", [
      { path: "src/add.js", content: "export const add = (a, b) => a + b;\n" },
      { path: "src/long.js", content: long },
      { path: "README.md", sha: null },
      { path: "docs/read me.md", content: "# lib\n" },
      { path: "diff --git a b", content: "diff --git a/x b/x\n@@ -1 +1 @@\nno newline" },
      { path: "run.sh", content: libFiles["run.sh*"], mode: "100644" },
      {
        path: "data.bin",
        sha: (
          await octokit.request("POST /repos/{owner}/{repo}/git/blobs", {
            ...lib,
            encoding: "base64",
            content: Buffer.from([0, 1, 2]).toString("base64"),
          })
        ).data.sha,
      },
      { path: "link.js", content: "test.js", mode: "120000" },
      { path: "test.js", content: "src/add.js", mode: "120000" },
    ]);
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/files", {
      ...lib,
      pull_number: number,
    });
    const files = new Map(data.map((file) => [file.filename, file]));
    const numstat = plainGit("diff", "--numstat", "--find-renames", fixture.base, head);
    const additions = numstat.split("\n").reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
    expect(data.reduce((sum, file) => sum + file.additions, 0)).toBe(additions);
    expect(data).toHaveLength(numstat.trim().split("\n").length);
    for (const name of ["src/add.js", "src/long.js", "diff --git a b"]) {
      const own = plainGit("diff", fixture.base, head, "--", name);
      expect(files.get(name)?.patch, name).toBe(own.slice(own.search(/^@@ /m)).replace(/\n$/, ""));
    }
    expect(files.get("docs/read me.md")).toMatchObject({
      status: "renamed",
      previous_filename: "README.md",
      changes: 0,
    });
    expect(files.get("run.sh")).toMatchObject({ status: "changed", changes: 0 });
    expect(files.get("data.bin")).toMatchObject({ status: "modified", additions: 0 });
    expect(files.get("data.bin")).not.toHaveProperty("patch");
    expect(files.get("test.js")).toMatchObject({ status: "changed", patch: containing("+src/add.js") });
    const diff = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
      ...lib,
      pull_number: number,
      headers: { accept: "application/vnd.github.diff" },
    });
    expect<unknown>(diff.data).toBe(plainGit("diff", "--find-renames", fixture.base, head));
    const page = await fetch(`${fixture.forge.url}/octo/lib/pull/${number}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("+export const add = (a, b) =&gt; a + b;");
    expect(await (await fetch(`${fixture.forge.url}/octo/lib/pull/${number}.patch`)).text()).toContain(
      "Subject: [PATCH] Change",
    );
  });

  it("is refused without a change, twice, and between unknown branches", async () => {
    const { head } = await opened("once", [{ path: "once", content: "1" }]);
    const open = (headName: string, base = "main") =>
      octokit.request("POST /repos/{owner}/{repo}/pulls", { ...lib, head: headName, base, title: "t" });
    expect(await refusal(open("octo:once"))).toMatchObject({
      status: 422,
      message: containing("A pull request already exists for octo:once."),
    });
    expect(await refusal(open("main"))).toMatchObject({
      status: 422,
      message: containing("No commits between main and main"),
    });
    await octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...lib, ref: "refs/heads/same", sha: fixture.base });
    expect(await refusal(open("same"))).toMatchObject({
      status: 422,
      message: containing("No commits between main and same"),
    });
    expect(await refusal(open("nowhere"))).toMatchObject({ status: 422 });
    expect(await refusal(open("once", "nowhere"))).toMatchObject({ status: 422 });
    const found = await octokit.request("GET /repos/{owner}/{repo}/pulls", { ...lib, head: "octo:once" });
    expect(found.data).toMatchObject([
      {
        head: { ref: "once", sha: head, label: "octo:once" },
        base: { ref: "main" },
        user: { login: "assembly-lime[bot]" },
      },
    ]);
  });

  it("follows its branch, and closes when the branch goes", async () => {
    const { number, head } = await opened("moving", [{ path: "m", content: "1" }]);
    const next = await commitOn(octokit, "moving-2", head, [{ path: "m", content: "2" }]);
    await octokit.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", { ...lib, ref: "heads/moving", sha: next });
    const get = async () =>
      (await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", { ...lib, pull_number: number })).data;
    expect(await get()).toMatchObject({
      head: { sha: next },
      commits: 2,
      changed_files: 1,
      mergeable: true,
      mergeable_state: "clean",
      merged: false,
    });
    await octokit.request("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { ...lib, ref: "heads/moving" });
    expect(await get()).toMatchObject({ state: "closed", merged: false });
  });

  it("can be closed and opened again", async () => {
    const { number } = await opened("closing", [{ path: "closing", content: "1" }]);
    const set = async (state: "open" | "closed") =>
      (await octokit.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { ...lib, pull_number: number, state }))
        .data;
    expect(await set("closed")).toMatchObject({ state: "closed", closed_at: anyText });
    expect(await set("open")).toMatchObject({ state: "open", closed_at: null });
  });
});

describe("merging", () => {
  it("makes a merge commit or a squashed one, once, and not over a conflict", async () => {
    const first = await opened("merge-me", [{ path: "shared.txt", content: "one\n" }]);
    const second = await opened("squash-me", [{ path: "own.txt", content: "two\n" }]);
    const conflicting = await opened("conflict", [{ path: "shared.txt", content: "other\n" }]);
    const merge = (number: number, more: Record<string, string> = {}) =>
      octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", { ...lib, pull_number: number, ...more });
    expect(await refusal(merge(first.number, { sha: fixture.base }))).toMatchObject({ status: 409 });
    const merged = await merge(first.number);
    expect(plainGit("rev-list", "--parents", "-1", merged.data.sha).trim().split(" ")).toEqual([
      merged.data.sha,
      fixture.base,
      first.head,
    ]);
    const squashed = await merge(second.number, { merge_method: "squash" });
    expect(plainGit("rev-list", "--parents", "-1", squashed.data.sha).trim().split(" ")).toEqual([
      squashed.data.sha,
      merged.data.sha,
    ]);
    expect(plainGit("show", "main:own.txt")).toBe("two\n");
    expect(await refusal(merge(second.number))).toMatchObject({ status: 405 });
    expect(await refusal(merge(conflicting.number))).toMatchObject({
      status: 405,
      message: containing("not mergeable"),
    });
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
      ...lib,
      pull_number: first.number,
    });
    expect(data).toMatchObject({
      merged: true,
      state: "closed",
      merge_commit_sha: merged.data.sha,
      merged_by: { login: "assembly-lime[bot]" },
      changed_files: 1,
    });
  });
});

describe("reviews", () => {
  it("hang on lines of the diff, and are refused elsewhere", async () => {
    const { number, head } = await opened("reviewed", [
      { path: "src/add.js", content: "export const add = (a, b) => a + b;\n" },
    ]);
    const review = (by: Octokit, more: object) =>
      by.request("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
        ...lib,
        pull_number: number,
        event: "COMMENT",
        ...more,
      });
    const made = await review(octokit, {
      body: "Looks right",
      commit_id: head,
      comments: [
        { path: "src/add.js", line: 1, body: "Good" },
        { path: "src/add.js", line: 1, side: "LEFT", body: "Was wrong" },
      ],
    });
    expect(made.data).toMatchObject({ state: "COMMENTED", body: "Looks right", commit_id: head });
    const comments = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/comments", {
      ...lib,
      pull_number: number,
    });
    expect(comments.data).toMatchObject([
      {
        line: 1,
        side: "RIGHT",
        position: 2,
        diff_hunk: containing("+export"),
        pull_request_review_id: made.data.id,
      },
      { line: 1, side: "LEFT", position: 1 },
    ]);
    for (const wrong of [
      { path: "nowhere", line: 1 },
      { path: "src/add.js", line: 7 },
      { path: "src/long.js", line: 1 },
    ]) {
      expect(await refusal(review(octokit, { body: "b", comments: [{ ...wrong, body: "x" }] }))).toMatchObject({
        status: 422,
        message: containing("could not be resolved"),
      });
    }
    expect(await refusal(review(octokit, { event: "APPROVE" }))).toMatchObject({
      status: 422,
      message: containing("your own pull request"),
    });
    expect(await refusal(review(octokit, {}))).toMatchObject({ status: 422 });
    await review(mona, { event: "APPROVE" });
    const all = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
      ...lib,
      pull_number: number,
    });
    expect(all.data.map(({ state, user }) => [state, user?.login])).toEqual([
      ["COMMENTED", "assembly-lime[bot]"],
      ["APPROVED", "mona"],
    ]);
  });
});

describe("issues", () => {
  it("are opened, talked about, labelled and closed", async () => {
    const issue = (
      await mona.request("POST /repos/{owner}/{repo}/issues", {
        ...lib,
        title: "<b>Broken</b>",
        body: "2 + 2",
        labels: ["bug"],
      })
    ).data;
    expect(issue).toMatchObject({
      state: "open",
      user: { login: "mona" },
      author_association: "MEMBER",
      labels: [{ name: "bug" }],
    });
    await octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...lib,
      issue_number: issue.number,
      body: "On it",
    });
    const comments = await octokit.request("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...lib,
      issue_number: issue.number,
    });
    expect(comments.data).toMatchObject([
      { body: "On it", user: { login: "assembly-lime[bot]" }, performed_via_github_app: { slug: "assembly-lime" } },
    ]);
    await octokit.request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
      ...lib,
      issue_number: issue.number,
      state: "closed",
    });
    expect(
      (await octokit.request("GET /repos/{owner}/{repo}/issues/{issue_number}", { ...lib, issue_number: issue.number }))
        .data,
    ).toMatchObject({ state: "closed", comments: 1 });
    expect(
      await refusal(
        octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
          ...lib,
          issue_number: issue.number,
          body: " ",
        }),
      ),
    ).toMatchObject({ status: 422 });
    const page = await (await fetch(issue.html_url)).text();
    expect(page).toContain("&lt;b&gt;Broken&lt;/b&gt;");
    expect(page).not.toContain("<b>Broken");
  });
});

describe("a restart", () => {
  it("keeps everything", async () => {
    const before = fixture.forge.writes();
    const pulls = async () =>
      (
        await (
          await clientOf(fixture)
        ).octokit.request("GET /repos/{owner}/{repo}/pulls", { ...lib, state: "all", per_page: 100 })
      ).data;
    const [seen, key] = [await pulls(), fixture.forge.privateKeyPem];
    await fixture.restart();
    expect(fixture.forge.privateKeyPem).toBe(key);
    expect(fixture.forge.writes()).toEqual(before);
    expect(await pulls()).toEqual(seen);
    expect(await octokit.request("GET /repos/{owner}/{repo}", lib)).toMatchObject({ status: 200 });
  });
});
