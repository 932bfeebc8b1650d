import { lstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { binary, clientOf, cloneUrl, git, lib, refusal, startFixture, type Fixture } from "./fixture.ts";

let fixture: Fixture;
let write: string;
beforeAll(async () => {
  fixture = await startFixture();
  write = (await clientOf(fixture)).token;
});
afterAll(() => fixture.close());

async function cloned(name: string, token: string, ...options: string[]): Promise<string> {
  const folder = join(fixture.root, name);
  await git(fixture.root, "clone", "--quiet", ...options, cloneUrl(fixture, "octo/lib", token), folder);
  return folder;
}

describe("cloning", () => {
  it("keeps bytes, executables and symlinks", async () => {
    const folder = await cloned("whole", write);
    expect(await git(folder, "rev-parse", "HEAD")).toBe(fixture.base);
    expect(new Uint8Array(readFileSync(join(folder, "data.bin")))).toEqual(binary);
    expect(lstatSync(join(folder, "run.sh")).mode & 0o111).not.toBe(0);
    expect(lstatSync(join(folder, "README.md")).mode & 0o111).toBe(0);
    expect(readlinkSync(join(folder, "link.js"))).toBe("src/add.js");
  });

  it("is refused without a token, and for a repository out of reach", async () => {
    await expect(git(fixture.root, "clone", cloneUrl(fixture, "octo/lib"), "anonymous")).rejects.toThrow(
      /could not read Username|Authentication failed/,
    );
    await expect(git(fixture.root, "clone", cloneUrl(fixture, "octo/other", write), "clone-other")).rejects.toThrow(
      /not found/,
    );
    await expect(git(fixture.root, "clone", cloneUrl(fixture, "octo/lib", "ghs_wrong"), "wrong")).rejects.toThrow(
      /Authentication failed|Invalid username/,
    );
  });
});

describe("pushing", () => {
  it("is refused without contents:write, and nothing is written down", async () => {
    const { token } = await clientOf(fixture, { permissions: { contents: "read" } });
    const folder = await cloned("reader", token);
    await git(folder, "commit", "--quiet", "--allow-empty", "-m", "no");
    await expect(git(folder, "push", "origin", "HEAD:refs/heads/no")).rejects.toThrow(/403/);
    const { octokit } = await clientOf(fixture);
    expect(
      await refusal(octokit.request("GET /repos/{owner}/{repo}/branches/{branch}", { ...lib, branch: "no" })),
    ).toMatchObject({ status: 404 });
    expect(fixture.forge.writes()).toEqual([]);
  });

  it("moves branches, which a shallow clone then has", async () => {
    const folder = await cloned("writer", write);
    for (const text of ["one", "two"]) {
      writeFileSync(join(folder, "new.txt"), text);
      await git(folder, "add", "new.txt");
      await git(folder, "commit", "--quiet", "-m", text);
    }
    await git(folder, "push", "--quiet", "origin", "HEAD:refs/heads/feature/two");
    const head = await git(folder, "rev-parse", "HEAD");
    expect(fixture.forge.writes()).toMatchObject([
      {
        actor: `installation:${fixture.installationId}`,
        repository: "octo/lib",
        result: `refs/heads/feature/two ${head}`,
      },
    ]);
    const shallow = await cloned("shallow", write, "--depth=1", "--branch=feature/two");
    expect(await git(shallow, "rev-list", "--count", "HEAD")).toBe("1");
    expect(readFileSync(join(shallow, "new.txt"), "utf8")).toBe("two");
    const { octokit } = await clientOf(fixture);
    const found = await octokit.request("GET /repos/{owner}/{repo}/branches/{branch}", {
      ...lib,
      branch: "feature/two",
    });
    expect(found.data.commit.sha).toBe(head);
  });

  it("takes names that would be commands in a shell as names", async () => {
    const folder = await cloned("hostile", write);
    const names = ["$(touch${IFS}x)", "a;b", "`touch-x`", "-rf", "a&&b|c>d", "quote'\"name"];
    for (const name of names) await git(folder, "push", "--quiet", "origin", `HEAD:refs/heads/${name}`);
    const { octokit } = await clientOf(fixture);
    const branches = await octokit.request("GET /repos/{owner}/{repo}/branches", { ...lib, per_page: 100 });
    expect(branches.data.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    for (const name of names) {
      const ref = await octokit.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...lib, ref: `heads/${name}` });
      expect(ref.data.object.sha).toBe(fixture.base);
      const page = await fetch(`${fixture.forge.url}/octo/lib/tree/${encodeURIComponent(name)}`);
      expect(page.status).toBe(200);
      expect(await page.text()).not.toContain("quote'\"name");
    }
  });

  describe("where a rule demands signed commits", () => {
    const rule = (required: boolean) => fixture.forge.setRequiredSignatures({ repository: "octo/lib", required });
    afterEach(() => rule(false));

    it("is refused with unsigned ones, in GitHub's words, and leaves nothing behind", async () => {
      const folder = await cloned("unsigned", write);
      for (const message of ["one", "two"]) await git(folder, "commit", "--quiet", "--allow-empty", "-m", message);
      const head = await git(folder, "rev-parse", "HEAD");
      const before = fixture.forge.writes().length;
      rule(true);
      const push = git(folder, "push", "origin", "HEAD:refs/heads/unsigned", "HEAD:refs/heads/unsigned-too");
      const words = await push.then(
        () => "taken",
        (error: unknown) => String(error),
      );
      expect(words).toMatch(/remote: error: GH013: Repository rule violations found for refs\/heads\/unsigned\./u);
      expect(words).toMatch(/remote: - Commits must have verified signatures\.\s+remote: {3}Found 2 violations:/u);
      expect(words).toContain(`remote:   ${head}`);
      expect(words).toContain("[remote rejected] HEAD -> unsigned (push declined due to repository rule violations)");
      expect(words).toContain("[remote rejected] HEAD -> unsigned-too");
      expect(fixture.forge.writes()).toHaveLength(before);
      const { octokit } = await clientOf(fixture);
      const commit = octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
        ...lib,
        commit_sha: head,
      });
      expect(await refusal(commit), "its objects are not kept").toMatchObject({ status: 404 });
      // A pack with many objects comes in pieces, and compressed.
      const text = Array.from({ length: 20_000 }, (_, line) => `${line * 7919}`).join("\n");
      writeFileSync(join(folder, "large.txt"), text);
      await git(folder, "add", "large.txt");
      await git(folder, "commit", "--quiet", "-m", "large");
      await expect(git(folder, "push", "origin", "HEAD:refs/heads/large")).rejects.toThrow("GH013");
      rule(false);
      await git(folder, "push", "--quiet", "origin", "HEAD:refs/heads/large");
    });

    it("takes commits that a branch has, those that the forge signed, tags and deletions", async () => {
      const { octokit } = await clientOf(fixture);
      const folder = await cloned("signed", write);
      const { data: parent } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
        ...{ ...lib, commit_sha: fixture.base },
      });
      const { data: made } = await octokit.request("POST /repos/{owner}/{repo}/git/commits", {
        ...{ ...lib, message: "By the app", tree: parent.tree.sha, parents: [fixture.base] },
      });
      await octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...lib, ref: "refs/heads/by-app", sha: made.sha });
      await git(folder, "fetch", "--quiet", "origin", "by-app");
      rule(true);
      await git(folder, "push", "--quiet", "origin", "HEAD:refs/heads/known", `${made.sha}:refs/heads/signed`);
      await git(folder, "commit", "--quiet", "--allow-empty", "-m", "tagged");
      await git(folder, "push", "--quiet", "origin", "HEAD:refs/tags/v1");
      await git(folder, "push", "--quiet", "origin", ":refs/heads/known");
      await expect(git(folder, "push", "origin", "HEAD:refs/heads/signed-no", ":refs/heads/signed")).rejects.toThrow(
        "GH013",
      );
      const { data } = await octokit.request("GET /repos/{owner}/{repo}/branches", { ...lib, per_page: 100 });
      const names = data.map(({ name }) => name);
      expect(names).toContain("signed");
      expect(names).not.toContain("known");
      expect(names).not.toContain("signed-no");
    });
  });

  it("keeps its own refs to itself", async () => {
    const folder = await cloned("hidden", write);
    await expect(git(folder, "push", "origin", "HEAD:refs/pull/1/head")).rejects.toThrow(/hidden ref|rejected/);
  });
});
