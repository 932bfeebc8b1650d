import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../../worker/adapters/github/client.ts";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { createGitHubUserReader } from "../../../worker/adapters/github/web-user.ts";
import type { ForgeRepository } from "../../../worker/ports/forge.ts";
import { caught, objectId } from "./fake-server.ts";
import { binary, startFixture } from "./forge-fixture.ts";
import type { ForgeFixture } from "./forge-fixture.ts";

let fixture: ForgeFixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(async () => {
  await fixture.close();
});

describe("reading", () => {
  it("lists the installation's repositories, and no others", async () => {
    const { reader } = createGitHub(fixture.options);
    const repositories = await reader.listInstallationRepositories(fixture.lib.installationId);
    expect(repositories.map((entry) => entry.name).toSorted()).toEqual(["empty", "lib"]);
    const expected: Partial<ForgeRepository> = {
      owner: "octo",
      name: "lib",
      defaultBranch: "main",
      isPrivate: true,
      description: "A library",
    };
    expect(await reader.getRepository(fixture.lib)).toMatchObject(expected);
    expect(await caught(reader.getRepository(fixture.other))).toMatchObject({ kind: "permanent" });
    expect(await caught(reader.getRepository({ ...fixture.lib, externalId: "99" }))).toMatchObject({
      code: "repository_gone",
    });
    expect(await caught(reader.getRepository({ ...fixture.lib, installationId: "999999" }))).toMatchObject({
      kind: "permanent",
      code: "installation_gone",
    });
  });

  it("reads blobs by id, also the empty one and a symlink's", async () => {
    const { reader } = createGitHub(fixture.options);
    const tree = await reader.getTree(fixture.lib, fixture.base);
    const link = tree.find(({ path }) => path === "link.js")?.blob ?? "";
    const empty = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    const read = new Map<string, Uint8Array>();
    await reader.readBlobs(fixture.lib, [objectId("blob", binary), link, empty], async (blob, content) => {
      read.set(blob, new Uint8Array(await new Response(content).arrayBuffer()));
    });
    expect(read.get(objectId("blob", binary))).toEqual(binary);
    expect(new TextDecoder().decode(read.get(link))).toBe("src/add.js");
    expect(read.get(empty)).toEqual(new Uint8Array());
    expect(await caught(reader.readBlobs(fixture.lib, ["f".repeat(40)], async () => undefined))).toMatchObject({
      code: "not_found",
    });
  });

  it("reads a tree whole that the forge truncates", async () => {
    const whole = await createGitHub(fixture.options).reader.getTree(fixture.lib, fixture.base);
    const cutting = await startFixture({ maxTreeEntries: 8 });
    try {
      const tree = await createGitHub(cutting.options).reader.getTree(cutting.lib, cutting.base);
      const shown = (entries: typeof tree) =>
        entries.map(({ blob, mode, path }) => `${mode} ${blob} ${path}`).toSorted();
      expect(tree.length).toBeGreaterThan(8);
      expect(shown(tree)).toEqual(shown(whole));
    } finally {
      await cutting.close();
    }
  });

  it("reads branch, tree and files as they are", async () => {
    const { reader } = createGitHub(fixture.options);
    expect(await reader.getBranchHead(fixture.lib, "main")).toBe(fixture.base);
    const tree = await reader.getTree(fixture.lib, fixture.base);
    const modes = Object.fromEntries(
      tree.filter((entry) => entry.type === "blob").map((entry) => [entry.path, entry.mode]),
    );
    expect(modes).toMatchObject({
      "src/add.js": "100644",
      "run.sh": "100755",
      "link.js": "120000",
      "src/odd #1?.js": "100644",
    });
    expect(tree.find((entry) => entry.path === "data.bin")).toMatchObject({
      blob: objectId("blob", binary),
      sizeBytes: 256,
    });
    expect(await reader.getFile(fixture.lib, fixture.base, "data.bin")).toEqual(binary);
    expect(new TextDecoder().decode(await reader.getFile(fixture.lib, fixture.base, "src/odd #1?.js"))).toBe(
      "export const odd = 1;\n",
    );
    expect(await caught(reader.getFile(fixture.lib, fixture.base, "src"))).toMatchObject({ code: "not_a_file" });
    expect(await caught(reader.getFile(fixture.lib, fixture.base, "nowhere.js"))).toMatchObject({ code: "not_found" });
    expect(await caught(reader.getTree(fixture.lib, "f".repeat(40)))).toMatchObject({ kind: "permanent" });
    expect(await caught(reader.getBranchHead(fixture.lib, "nowhere"))).toMatchObject({ code: "not_found" });
    expect(await caught(reader.getBranchHead(fixture.lib, "mai"))).toMatchObject({ code: "not_found" });
  });

  it("streams a tarball that tar unpacks", async () => {
    const bytes = await new Response(
      await createGitHub(fixture.options).reader.getTarball(fixture.lib, fixture.base),
    ).arrayBuffer();
    mkdirSync(join(fixture.root, "unpacked"));
    execFileSync("tar", ["-xz", "--strip-components=1", "-C", join(fixture.root, "unpacked")], {
      input: Buffer.from(bytes),
    });
    expect(Uint8Array.from(readFileSync(join(fixture.root, "unpacked/data.bin")))).toEqual(binary);
  });

  it("says that an empty repository is empty", async () => {
    const { reader } = createGitHub(fixture.options);
    expect(await caught(reader.getBranchHead(fixture.empty, "main"))).toMatchObject({
      kind: "permanent",
      code: "empty_repository",
    });
    expect(await caught(reader.getTree(fixture.empty, fixture.base))).toMatchObject({ kind: "permanent" });
  });

  it("is refused with another key", async () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
    const { reader } = createGitHub({ ...fixture.options, privateKeyPem: other });
    expect(await caught(reader.getRepository(fixture.lib))).toMatchObject({ kind: "permanent", code: "unauthorized" });
  });

  it("works with the key as PKCS#1 too", async () => {
    const pkcs1 = createPrivateKey(fixture.forge.privateKeyPem).export({ type: "pkcs1", format: "pem" }).toString();
    await expect(
      createGitHub({ ...fixture.options, privateKeyPem: pkcs1 }).reader.getRepository(fixture.lib),
    ).resolves.toMatchObject({
      name: "lib",
    });
  });
});

describe("tokens", () => {
  it("that read can't write, those that write can't read Actions, neither reaches another repository", async () => {
    const client = createClient(fixture.options);
    const before = fixture.forge.writes().length;
    const at = { owner: "octo", repo: "lib" };
    const writes = client.reading(fixture.lib, "x", (octokit) =>
      octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...at, ref: "refs/heads/stolen", sha: fixture.base }),
    );
    expect(await caught(writes)).toMatchObject({ code: "forbidden" });
    const reads = client.writing(fixture.lib, "x", (octokit) =>
      octokit.request("GET /repos/{owner}/{repo}/actions/runs", at),
    );
    expect(await caught(reads)).toMatchObject({ code: "forbidden" });
    const elsewhere = client.writing(fixture.lib, "x", (octokit) =>
      octokit.request(`POST /repositories/${fixture.empty.externalId}/git/blobs`, { content: "x" }),
    );
    expect(await caught(elsewhere)).toMatchObject({ code: "not_found" });
    expect(fixture.forge.writes().length).toBe(before);
  });
});

describe("a person's token", () => {
  it("identifies the person and lists their installations", async () => {
    await fixture.forge.createUser({ login: "ada", name: "Ada", email: "ada@example.test", organizations: ["octo"] });
    await fixture.forge.createUser({ login: "eve" });
    const users = createGitHubUserReader(fixture.options);
    const ada = await fixture.forge.createUserToken("ada");
    expect(await users.getViewer(ada)).toMatchObject({ login: "ada", name: "Ada" });
    const installations = await users.listUserInstallations(ada);
    expect(installations).toMatchObject([
      {
        externalId: fixture.lib.installationId,
        accountLogin: "octo",
        accountType: "organization",
        repositorySelection: "selected",
        isSuspended: false,
      },
    ]);
    expect(installations[0]?.repositories.map((entry) => entry.name).toSorted()).toEqual(["empty", "lib"]);
    expect(await users.listUserInstallations(await fixture.forge.createUserToken("eve"))).toEqual([]);
    expect(await caught(users.getViewer("ghu_nonsense"))).toMatchObject({ kind: "permanent", code: "unauthorized" });
  });
});
