import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import type { ForgeCommit } from "../../../worker/ports/forge.ts";
import type { ForgeWriter } from "../../../worker/ports/forge-writer.ts";
import { added, approved, plan } from "./approved.ts";
import { caught, commit, objectId, optionsFor, repository, repositoryAnswer, startFakeServer } from "./fake-server.ts";
import type { Answer, FakeServer, SeenRequest } from "./fake-server.ts";

const commitBody = z.strictObject({ message: z.string(), tree: z.string(), parents: z.array(z.string()) });

/** The few endpoints that write, with memory. `lose` decides which successful write's reply becomes a 502. */
class TinyForge {
  readonly refs = new Map<string, string>();
  readonly pulls: object[] = [];
  readonly objects = new Set<string>();
  readonly commits = new Map<string, ForgeCommit>();
  /** Branches that others have made. */
  readonly others: string[] = [];
  /** The words with which every branch is refused. */
  refusal = "";
  lose: (request: SeenRequest) => boolean = () => false;

  answer(request: SeenRequest): Answer {
    const answer = this.route(request);
    const isWrite = request.method !== "GET" && (answer.status === 201 || answer.status === 200);
    return isWrite && this.lose(request) ? { status: 502, text: "bad gateway" } : answer;
  }

  private route({ method, url, body }: SeenRequest): Answer {
    const path = decodeURIComponent(url.replace(/\?.*$/u, "")).replace("/repos/octo/lib", "");
    const sent: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
    const text = (name: string): string => String(sent[name]);
    if (method === "GET" && path === "") return { status: 200, json: repositoryAnswer };
    if (method === "GET" && path.startsWith("/git/commits/")) return this.commitAnswer(path.slice(-40));
    if (method === "GET" && path.startsWith("/git/matching-refs/")) {
      const prefix = `refs/${path.slice("/git/matching-refs/".length)}`;
      const found = this.others.map((name) => `refs/heads/${name}`).filter((ref) => ref.startsWith(prefix));
      return { status: 200, json: found.map((ref) => ({ ref, object: { type: "commit", sha: commit } })) };
    }
    if (method === "GET" && path.startsWith("/git/ref/")) {
      const name = path.slice("/git/ref/heads/".length);
      const sha = this.others.includes(name) ? commit : this.refs.get(`refs/heads/${name}`);
      return sha === undefined
        ? { status: 404 }
        : { status: 200, json: { ref: `refs/${path.slice("/git/ref/".length)}`, object: { type: "commit", sha } } };
    }
    if (method === "GET" && path === "/pulls") return { status: 200, json: this.pulls };
    if (path === "/git/blobs") return this.made("blob", Buffer.from(text("content"), "base64"));
    if (path === "/git/trees") return this.made("tree", Buffer.from(JSON.stringify(body)));
    if (path === "/git/commits") return this.makeCommit(commitBody.parse(body));
    if (method === "PATCH" && path.startsWith("/git/refs/heads/")) {
      this.refs.set(`refs/heads/${path.slice("/git/refs/heads/".length)}`, text("sha"));
      return { status: 200, json: { ref: path, object: { type: "commit", sha: text("sha") } } };
    }
    if (path === "/git/refs") {
      const name = text("ref").replace("refs/heads/", "");
      if (this.refusal !== "") return { status: 422, json: { message: this.refusal } };
      if (this.others.some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`)))
        return { status: 422, json: { message: "Reference update failed" } };
      if (this.refs.has(text("ref"))) return { status: 422, json: { message: "Reference already exists" } };
      this.refs.set(text("ref"), text("sha"));
      return { status: 201, json: { ref: sent["ref"], object: { type: "commit", sha: sent["sha"] } } };
    }
    const pull = {
      number: this.pulls.length + 1,
      html_url: "http://forge.test/1",
      state: "open",
      merged_at: null,
      head: { ref: sent["head"], sha: commit, repo: { id: 42 } },
      base: { ref: sent["base"], repo: { id: 42 } },
    };
    this.pulls.push(pull);
    return { status: 201, json: pull };
  }

  /** GitHub dates and signs each commit that the App makes without author and committer. */
  private makeCommit({ message, parents, tree }: z.output<typeof commitBody>): Answer {
    const sha = objectId("commit", Buffer.from(`${this.commits.size} ${message}`));
    this.commits.set(sha, { tree, parents, message, authorName: "lime[bot]" });
    return { status: 201, json: { sha } };
  }

  private commitAnswer(sha: string): Answer {
    const base = sha === commit ? { tree: "b".repeat(40), parents: [], message: "Base" } : undefined;
    const found = this.commits.get(sha) ?? base;
    if (found === undefined) return { status: 404 };
    const { message, parents, tree } = found;
    const json = { sha, message, tree: { sha: tree }, parents: parents.map((parent) => ({ sha: parent })) };
    return { status: 200, json };
  }

  private made(type: "blob" | "tree" | "commit", bytes: Uint8Array): Answer {
    const sha = objectId(type, bytes);
    this.objects.add(sha);
    return { status: 201, json: { sha } };
  }
}

let server: FakeServer | undefined;
afterEach(async () => server?.close());

async function start(): Promise<{
  readonly forge: TinyForge;
  readonly writer: ForgeWriter;
  readonly fake: FakeServer;
}> {
  const forge = new TinyForge();
  const fake = await startFakeServer((request) => forge.answer(request));
  server = fake;
  return { forge, fake, writer: createGitHub(optionsFor(fake)).writer };
}

const set = approved(commit, [added("a.txt", "a"), added("b.txt", "b"), added("copy.txt", "a")]);
const request = { headBranch: "lime/run-1", baseBranch: "main", title: "Fix it", body: "" };

describe("a write that happened while its reply was lost", () => {
  it.each(["/git/blobs", "/git/trees", "/git/commits"])(
    "%s: the second call makes the same tree, and at most a commit that nothing points to",
    async (lost) => {
      const { forge, writer } = await start();
      const clean = await writer.writeCommit(repository, set, plan);
      const objects = forge.objects.size;
      forge.lose = (seen) => seen.url.endsWith(lost);
      expect(await caught(writer.writeCommit(repository, set, plan))).toMatchObject({
        kind: "transient",
        code: "server_error",
      });
      forge.lose = () => false;
      const again = await writer.writeCommit(repository, set, plan);
      expect(again.tree).toBe(clean.tree);
      expect(forge.commits.get(again.commit)).toEqual(forge.commits.get(clean.commit));
      expect(forge.objects.size).toBe(objects);
      expect(forge.commits.size).toBe(lost === "/git/commits" ? 3 : 2);
      expect(forge.refs.size).toBe(0);
    },
  );

  it("a branch: the second call succeeds, the first was not repeated by itself", async () => {
    const { fake, forge, writer } = await start();
    forge.lose = () => true;
    expect(await caught(writer.createBranch(repository, set, "lime/run-1", commit))).toMatchObject({
      kind: "transient",
    });
    expect(fake.requests.filter((seen) => seen.method === "POST")).toHaveLength(1);
    await writer.createBranch(repository, set, "lime/run-1", commit);
    expect([...forge.refs]).toEqual([["refs/heads/lime/run-1", commit]]);
    expect(await caught(writer.createBranch(repository, set, "lime/run-1", "c".repeat(40)))).toMatchObject({
      kind: "permanent",
      code: "ref_conflict",
    });
    expect([...forge.refs]).toEqual([["refs/heads/lime/run-1", commit]]);
  });

  it("a pull request: the second call returns it", async () => {
    const { forge, writer } = await start();
    forge.lose = () => true;
    expect(await caught(writer.openPullRequest(repository, set, request))).toMatchObject({ kind: "transient" });
    expect(await writer.openPullRequest(repository, set, request)).toMatchObject({
      number: 1,
      headBranch: "lime/run-1",
      state: "open",
    });
    expect(forge.pulls).toHaveLength(1);
  });

  it("a pull request is not mistaken for one from a fork, or of another branch when the forge ignores the filter", async () => {
    const { forge, writer } = await start();
    const foreign = {
      number: 1,
      html_url: "u",
      state: "open",
      head: { ref: "lime/run-1", sha: commit, repo: { id: 66 } },
      base: { ref: "main", repo: { id: 42 } },
    };
    forge.pulls.push(foreign, { ...foreign, number: 2, head: { ref: "lime/run-10", sha: commit, repo: { id: 42 } } });
    expect(await writer.openPullRequest(repository, set, request)).toMatchObject({ number: 3 });
  });
});

describe("a branch whose name is in the way", () => {
  it.each(["lime", "lime/run-1/notes"])("%s: is told apart from every other refusal", async (other) => {
    const { forge, writer } = await start();
    forge.others.push(other);
    expect(await caught(writer.createBranch(repository, set, "lime/run-1", commit))).toMatchObject({
      kind: "permanent",
      code: "name_taken",
      status: 422,
    });
    expect(forge.refs.size).toBe(0);
    await writer.createBranch(repository, set, "lime-run-1", commit);
    expect([...forge.refs.keys()]).toEqual(["refs/heads/lime-run-1"]);
  });

  it.each([
    ["Repository rule violations found\n\nCommits must have verified signatures.\n\n", "lime"],
    ["Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n", "lime"],
    // GitHub's words for a lock that could not be taken, without a branch in the way.
    ["Reference update failed", "limes"],
    ["Reference update failed", "run-1"],
    ["Reference update failed", "lime/run-10"],
  ])("is not what %j says beside a branch %s", async (words, other) => {
    const { forge, writer } = await start();
    forge.others.push(other);
    forge.refusal = words;
    expect(await caught(writer.createBranch(repository, set, "lime/run-1", commit))).toMatchObject({
      kind: "permanent",
      code: "invalid_request",
    });
  });
});

describe("the writer refuses before any request", () => {
  it("a patch set that no approval made, whatever its type says", async () => {
    const { fake, writer } = await start();
    const forged = { ...set };
    expect(await caught(writer.writeCommit(repository, forged, plan))).toBeDefined();
    expect(await caught(writer.createBranch(repository, forged, "x", commit))).toBeDefined();
    expect(await caught(writer.openPullRequest(repository, forged, request))).toBeDefined();
    expect([...fake.requests, ...fake.mints]).toEqual([]);
  });

  it("a blob that the forge names differently", async () => {
    const { forge, writer } = await start();
    const wrong = approved(commit, [{ ...added("a.txt", "a"), afterBlob: "d".repeat(40) }]);
    expect(await caught(writer.writeCommit(repository, wrong, plan))).toMatchObject({
      kind: "permanent",
      code: "blob_mismatch",
    });
    expect(forge.objects.size).toBe(1);
  });

  it("the default branch and names that git refuses", async () => {
    const { forge, writer } = await start();
    for (const name of ["main", "", "a..b", "a b", "-x", "a.lock", "a~1", "refs/heads/../x"]) {
      expect(await caught(writer.createBranch(repository, set, name, commit))).toMatchObject({
        kind: "permanent",
        code: "bad_ref",
      });
    }
    expect(forge.refs.size).toBe(0);
  });

  it("asks for writing contents and pull requests alone, and changes nothing that exists", async () => {
    const { fake, writer } = await start();
    await writer.writeCommit(repository, set, plan);
    const permissions = { contents: "write", pull_requests: "write" };
    expect(fake.mints).toEqual([{ repository_ids: [42], permissions }]);
    const workflow = approved(set.baseCommit, [added(".github/workflows/ci.yml", "on: push\n")]);
    await caught(writer.writeCommit(repository, workflow, plan));
    expect(fake.mints.at(-1)).toEqual({
      repository_ids: [42],
      permissions: { ...permissions, workflows: "write" },
    });
    expect(
      fake.requests.every((seen) => seen.method !== "PATCH" && seen.method !== "PUT" && seen.method !== "DELETE"),
    ).toBe(true);
  });
});

describe("blob uploads", () => {
  it("run at most four at a time", async () => {
    let open = 0;
    let most = 0;
    const fake = await startFakeServer((seen, response) => {
      if (seen.method === "GET")
        return { status: 200, json: { sha: commit, tree: { sha: "b".repeat(40) }, parents: [], message: "" } };
      if (!seen.url.endsWith("/git/blobs")) return { status: 201, json: { sha: commit } };
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        const { content } = z.object({ content: z.string() }).parse(seen.body);
        response.writeHead(201, { "content-type": "application/json" });
        response.end(JSON.stringify({ sha: objectId("blob", Buffer.from(content, "base64")) }));
      }, 20);
      return undefined;
    });
    server = fake;
    const many = approved(
      commit,
      Array.from({ length: 12 }, (_, index) => added(`f${index}`, `content ${index}`)),
    );
    await createGitHub(optionsFor(fake)).writer.writeCommit(repository, many, plan);
    expect(most).toBe(4);
  });
});
