import { lstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

  it("keeps its own refs to itself", async () => {
    const folder = await cloned("hidden", write);
    await expect(git(folder, "push", "origin", "HEAD:refs/pull/1/head")).rejects.toThrow(/hidden ref|rejected/);
  });
});
