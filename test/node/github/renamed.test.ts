import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { added, approved, branch, plan } from "./approved.ts";
import { caught } from "./fake-server.ts";
import { startFixture, type ForgeFixture } from "./forge-fixture.ts";

let fixture: ForgeFixture;

/** octo/lib becomes octo/library, and another repository takes the name octo/lib. */
async function takeTheName(): Promise<void> {
  await fixture.forge.moveRepository({ owner: "octo", name: "lib", newName: "library" });
  await fixture.forge.importRepository({
    owner: "octo",
    name: "lib",
    source: { kind: "directory", path: `${fixture.root}/source` },
    private: false,
  });
}

const writesTo = (name: string): readonly string[] =>
  fixture.forge
    .writes()
    .filter(({ repository }) => repository === name)
    .map(({ path }) => path);

beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(async () => {
  await fixture.close();
});

describe("a repository whose name another one took", () => {
  it("is read by its id", async () => {
    const { reader } = createGitHub(fixture.options);
    await takeTheName();
    expect(await reader.getRepository(fixture.lib)).toMatchObject({
      externalId: fixture.lib.externalId,
      name: "library",
    });
    expect(await reader.getBranchHead(fixture.lib, "main")).toBe(fixture.base);
    expect((await reader.getTree(fixture.lib, fixture.base)).length).toBeGreaterThan(0);
  });

  it("gets every write; the one with its old name gets none", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    await takeTheName();
    const set = approved(fixture.base, [added("new.txt", "new\n")]);
    const { commit } = await writer.writeCommit(fixture.lib, set, plan);
    await writer.createBranch(fixture.lib, set, branch, commit);
    const request = { headBranch: branch, baseBranch: "main", title: "New", body: "" };
    const pull = await writer.openPullRequest(fixture.lib, set, request);
    expect(await writer.openPullRequest(fixture.lib, set, request)).toEqual(pull);
    expect(pull.url).toContain("/octo/library/pull/");
    expect((await reader.findPullRequest(fixture.lib, branch))?.number).toBe(pull.number);
    expect(writesTo("octo/lib")).toEqual([]);
    expect(writesTo("octo/library").length).toBeGreaterThan(3);
  });

  it("is found at its new owner, through the installation there", async () => {
    const { reader } = createGitHub(fixture.options);
    const { id } = await fixture.forge.createInstallation({ owner: "hexa" });
    await fixture.forge.moveRepository({ owner: "octo", name: "lib", newOwner: "hexa" });
    const moved = { ...fixture.lib, installationId: String(id) };
    expect(await reader.getRepository(moved)).toMatchObject({ owner: "hexa", externalId: fixture.lib.externalId });
    expect(await caught(reader.getBranchHead(fixture.lib, "main"))).toMatchObject({ code: "repository_gone" });
  });

  it("is refused without its id", async () => {
    const { reader } = createGitHub(fixture.options);
    const error = await caught(reader.getBranchHead({ ...fixture.lib, externalId: "" }, "main"));
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({ kind: "permanent", code: "no_repository_id" });
  });
});
