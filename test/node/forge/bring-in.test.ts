import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Octokit } from "@octokit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArchive } from "../../../local/forge/bring-in/tar.ts";
import { runImport } from "../../../local/forge/import.ts";
import { binary, git, personOf, startFixture, writeFiles, type Fixture } from "./fixture.ts";

let fixture: Fixture;
let mona: Octokit;
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.forge.createInstallation({ owner: "octo" });
  mona = await personOf(fixture, "mona");
});
afterAll(() => fixture.close());

/** Path and mode of every file of a repository's default branch. */
async function tree(repo: string): Promise<Record<string, string>> {
  const { data } = await mona.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
    owner: "octo",
    repo,
    tree_sha: "HEAD",
    recursive: "1",
  });
  return Object.fromEntries(data.tree.filter(({ type }) => type === "blob").map(({ path, mode }) => [path, mode]));
}

describe("a folder", () => {
  it("is one commit of the same id each time, without node_modules and what is ignored", async () => {
    const path = join(fixture.root, "plain");
    writeFiles(path, {
      ".gitignore": "*.log\nbuild/\n",
      "a.txt": "a",
      "tool*": "#!/bin/sh\n",
      link: "-> a.txt",
      'odd "name" ;$(x)': "x",
      "debug.log": "no",
      "build/out.js": "no",
      "node_modules/dep/index.js": "no",
      "packages/one/node_modules/dep/index.js": "no",
    });
    const source = { kind: "directory", path } as const;
    const one = await fixture.forge.importRepository({ owner: "octo", name: "plain", source });
    const two = await fixture.forge.importRepository({ owner: "octo", name: "plain-2", source });
    expect(two.headCommit).toBe(one.headCommit);
    expect(await tree("plain")).toEqual({
      ".gitignore": "100644",
      "a.txt": "100644",
      tool: "100755",
      link: "120000",
      'odd "name" ;$(x)': "100644",
    });
  });

  it("that lies in a checkout follows that checkout's rules, and runs nothing of its configuration", async () => {
    const checkout = join(fixture.root, "checkout");
    writeFiles(checkout, { ".gitignore": "secret.txt\n", "sub/a.txt": "a", "sub/secret.txt": "s", "top.txt": "t" });
    await git(checkout, "init", "--quiet");
    await git(checkout, "config", "core.fsmonitor", `touch ${join(fixture.root, "ran")}`);
    await fixture.forge.importRepository({
      owner: "octo",
      name: "sub",
      source: { kind: "directory", path: join(checkout, "sub") },
    });
    expect(Object.keys(await tree("sub"))).toEqual(["a.txt"]);
    expect(spawnSync("test", ["-e", join(fixture.root, "ran")]).status).not.toBe(0);
  });

  it("that is a git repository keeps its history and branches", async () => {
    const path = join(fixture.root, "history");
    writeFiles(path, { "a.txt": "1" });
    await git(path, "init", "--quiet", "--initial-branch=trunk");
    await git(path, "add", ".");
    await git(path, "commit", "--quiet", "-m", "one");
    await git(path, "branch", "feature");
    writeFileSync(join(path, "a.txt"), "not committed");
    const made = await fixture.forge.importRepository({
      owner: "octo",
      name: "history",
      source: { kind: "directory", path },
    });
    expect(made).toMatchObject({ defaultBranch: "trunk", headCommit: await git(path, "rev-parse", "HEAD") });
    const branches = await mona.request("GET /repos/{owner}/{repo}/branches", { owner: "octo", repo: "history" });
    expect(branches.data.map(({ name }) => name)).toEqual(["feature", "trunk"]);
  });

  it("with no files is an empty repository", async () => {
    mkdirSync(join(fixture.root, "nothing"));
    const made = await fixture.forge.importRepository({
      owner: "octo",
      name: "nothing",
      source: { kind: "directory", path: join(fixture.root, "nothing") },
    });
    expect(made.headCommit).toBeUndefined();
  });
});

describe("a tarball", () => {
  it("keeps bytes, modes, links and long names, without its top folder", async () => {
    const long = `${"deep/".repeat(30)}file-with-a-name-that-is-long.txt`;
    writeFiles(join(fixture.root, "packed/package"), {
      "data.bin": binary,
      "tool*": "#!/bin/sh\n",
      link: "-> data.bin",
      [long]: "long",
      "ünï.txt": "u",
    });
    const file = join(fixture.root, "packed.tgz");
    for (const format of ["gnu", "pax", "ustar"]) {
      execFileSync("tar", [`--format=${format}`, "-czf", file, "-C", join(fixture.root, "packed"), "package"]);
      await fixture.forge.importRepository({
        owner: "octo",
        name: `packed-${format}`,
        source: { kind: "tarball", path: file },
      });
      expect(await tree(`packed-${format}`), format).toEqual({
        "data.bin": "100644",
        tool: "100755",
        link: "120000",
        [long]: "100644",
        "ünï.txt": "100644",
      });
    }
  });

  it.each([
    ["a path out of it", "package/../../escape"],
    ["a git directory", "package/.git/hooks/post-checkout"],
  ])("with %s is refused, and nothing is left", async (_, name) => {
    const file = join(fixture.root, "hostile.tgz");
    execFileSync("python3", [
      "-c",
      "import sys,tarfile,io; t=tarfile.open(sys.argv[1],'w:gz'); i=tarfile.TarInfo(sys.argv[2]); i.size=1; t.addfile(i, io.BytesIO(b'x')); t.close()",
      file,
      name,
    ]);
    const request = { owner: "octo", name: "hostile", source: { kind: "tarball", path: file } } as const;
    await expect(fixture.forge.importRepository(request)).rejects.toThrow(/holds a path/);
    await expect(mona.request("GET /repos/{owner}/{repo}", { owner: "octo", repo: "hostile" })).rejects.toMatchObject({
      status: 404,
    });
  });

  it("that is damaged says so", async () => {
    await expect(readArchive(Buffer.alloc(1024, 7))).rejects.toThrow(/damaged/);
    const file = join(fixture.root, "damaged.tgz");
    writeFileSync(file, gzipSync(Buffer.from("this is no archive".repeat(100))));
    await expect(
      fixture.forge.importRepository({ owner: "octo", name: "damaged", source: { kind: "tarball", path: file } }),
    ).rejects.toThrow(/damaged/);
  });
});

describe("npm run local:import", () => {
  const env = (): Record<string, string> => ({ LOCAL_FORGE_URL: fixture.forge.url, INIT_CWD: fixture.root });

  it("brings a folder into the first installed account", async () => {
    expect(await runImport(["lib", "--name", "by-command"], env())).toMatch(
      /^Imported octo\/by-command \(main at [0-9a-f]{10}\): http/,
    );
    expect(Object.keys(await tree("by-command"))).toContain("src/add.js");
  });

  it("says what is wrong", async () => {
    await expect(runImport(["lib"], env())).rejects.toThrow(
      "octo already has a repository named lib: choose another with --name.",
    );
    await expect(runImport(["nowhere"], env())).rejects.toThrow(/nowhere does not exist/);
    await expect(runImport(["lib", "--name", "../x"], env())).rejects.toThrow(/is no repository name/);
    await expect(runImport([], env())).rejects.toThrow(/npm run local:import/);
    await expect(runImport(["lib"], { ...env(), LOCAL_FORGE_URL: "http://127.0.0.1:9" })).rejects.toThrow(
      /not running/,
    );
    await expect(
      runImport([join(fixture.root, "lib")], { ALIME_DATA_DIR: join(fixture.root, "no-data") }),
    ).rejects.toThrow(/not running/);
  });

  it("ends with 1 and one line as a command", () => {
    const result = spawnSync(process.execPath, ["local/forge/import.ts", "nowhere"], {
      encoding: "utf8",
      env: { ...process.env, ...env() },
    });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(`${join(fixture.root, "nowhere")} does not exist.\n`);
  });
});
