import type { Octokit } from "@octokit/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { clientOf, commitOn, containing, lib, refusal, startFixture, type Fixture } from "./fixture.ts";

/*
 * The decisions by which GitHub refuses a branch or a pull request, and its signature on commits that an app makes.
 */
let fixture: Fixture;
let octokit: Octokit;
beforeAll(async () => {
  fixture = await startFixture();
  ({ octokit } = await clientOf(fixture));
});
afterAll(() => fixture.close());

const who = { name: "Ada", email: "ada@example.com" };
const repository = "octo/lib";

async function made(more: { author?: typeof who; committer?: typeof who } = {}) {
  const { data: parent } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
    ...{ ...lib, commit_sha: fixture.base },
  });
  const request = { ...lib, message: "Change", tree: parent.tree.sha, parents: [fixture.base], ...more };
  return (await octokit.request("POST /repos/{owner}/{repo}/git/commits", request)).data;
}

const branch = (name: string, sha: string) =>
  octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...lib, ref: `refs/heads/${name}`, sha });

describe("a commit that an app makes", () => {
  it("without author and committer is the bot's, dated and signed by the forge, each with an id of its own", async () => {
    const [one, two] = [await made(), await made()];
    expect(one.verification).toMatchObject({ verified: true, reason: "valid" });
    expect(one.verification.signature).toContain("BEGIN PGP SIGNATURE");
    expect(one.verification.payload).toContain(`tree ${one.tree.sha}\nparent ${fixture.base}\nauthor `);
    expect(one.author).toEqual(one.committer);
    expect(one.author.name).toMatch(/\[bot\]$/u);
    expect(one.author.email).toMatch(/^\d+\+[\w-]+\[bot\]@users\.noreply\./u);
    expect(two.sha).not.toBe(one.sha);
    // The other answer about commits says the same, and git reads the object.
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}", { ...lib, ref: one.sha });
    expect(data.commit.verification).toEqual(one.verification);
    expect(data.author).toMatchObject({ type: "Bot" });
  });

  it.each([{ author: who }, { committer: who }, { author: who, committer: who }])(
    "with %j is unsigned",
    async (more) => {
      expect((await made(more)).verification).toMatchObject({ verified: false, reason: "unsigned", signature: null });
    },
  );
});

describe("a rule that demands signed commits", () => {
  const words = { status: 422, message: containing("Commits must have verified signatures.") };
  afterEach(() => fixture.forge.setRequiredSignatures({ repository, required: false }));

  it("refuses branches at unsigned ones, and takes signed ones and those that a branch has", async () => {
    const [signed, unsigned] = [await made(), await made({ author: who })];
    await branch("before", unsigned.sha);
    fixture.forge.setRequiredSignatures({ repository, required: true });
    const { data: rules } = await octokit.request("GET /repos/{owner}/{repo}/rules/branches/{branch}", {
      ...{ ...lib, branch: "main" },
    });
    expect(rules).toMatchObject([{ type: "required_signatures" }]);
    const other = await made({ committer: who });
    expect(await refusal(branch("no", other.sha))).toMatchObject(words);
    await branch("yes", signed.sha);
    await branch("again", unsigned.sha);
  });

  it("refuses to move a branch on to unsigned ones, and takes signed ones", async () => {
    const signed = await made();
    await branch("moves", signed.sha);
    fixture.forge.setRequiredSignatures({ repository, required: true });
    const next = await commitObject(signed.sha, { author: who });
    const move = octokit.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", {
      ...lib,
      ref: "heads/moves",
      sha: next,
    });
    expect(await refusal(move)).toMatchObject(words);
    const onTop = await commitObject(signed.sha);
    await octokit.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", { ...lib, ref: "heads/moves", sha: onTop });
  });

  async function commitObject(parent: string, more: { author?: typeof who } = {}): Promise<string> {
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
      ...{ ...lib, commit_sha: parent },
    });
    const request = { ...lib, message: "On top", tree: data.tree.sha, parents: [parent], ...more };
    return (await octokit.request("POST /repos/{owner}/{repo}/git/commits", request)).data.sha;
  }
});

describe("a refusal in GitHub's words", () => {
  it.each([
    ["lime", "lime/run-1"],
    ["deep/er", "deep/er/and/more"],
    ["above/below", "above"],
  ])("comes for a branch that git can't keep: beside %s one called %s", async (first, second) => {
    await branch(first, fixture.base);
    expect(await refusal(branch(second, fixture.base))).toMatchObject({
      status: 422,
      message: containing("Reference update failed"),
    });
  });

  it("comes for a pull request without commits, and for a text that is too long", async () => {
    await branch("same", fixture.base);
    await commitOn(octokit, "long", fixture.base, [{ path: "long.txt", content: "long\n" }]);
    const open = (head: string, body: string) =>
      octokit.request("POST /repos/{owner}/{repo}/pulls", { ...lib, head, base: "main", title: "t", body });
    expect(await refusal(open("same", ""))).toMatchObject({ message: containing("No commits between main and same") });
    expect(await refusal(open("long", "x".repeat(65_537)))).toMatchObject({
      status: 422,
      message: containing("body is too long (maximum is 65536 characters)"),
    });
    const { data } = await open("long", "x".repeat(65_536));
    const longer = octokit.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
      ...{ ...lib, pull_number: data.number, body: "x".repeat(65_537) },
    });
    expect(await refusal(longer)).toMatchObject({ message: containing("body is too long") });
  });
});
