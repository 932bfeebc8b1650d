import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import type { ForgeWriter } from "../../../worker/ports/forge-writer.ts";
import { added, approved, plan } from "./approved.ts";
import { caught, commit, objectId, optionsFor, repository, repositoryAnswer, startFakeServer } from "./fake-server.ts";
import type { Answer, FakeServer, SeenRequest } from "./fake-server.ts";

/** The few endpoints that write, with memory. `lose` decides which successful write's reply becomes a 502. */
class TinyForge {
  readonly refs = new Map<string, string>();
  readonly pulls: object[] = [];
  readonly objects = new Set<string>();
  lose: (request: SeenRequest) => boolean = () => false;

  answer(request: SeenRequest): Answer {
    const answer = this.route(request);
    return request.method === "POST" && answer.status === 201 && this.lose(request)
      ? { status: 502, text: "bad gateway" }
      : answer;
  }

  private route({ method, url, body }: SeenRequest): Answer {
    const path = decodeURIComponent(url.replace(/\?.*$/u, "")).replace("/repos/octo/lib", "");
    const sent: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
    const text = (name: string): string => String(sent[name]);
    if (method === "GET" && path === "") return { status: 200, json: repositoryAnswer };
    if (method === "GET" && path.startsWith("/git/commits/"))
      return { status: 200, json: { sha: commit, tree: { sha: "b".repeat(40) } } };
    if (method === "GET" && path.startsWith("/git/ref/")) {
      const sha = this.refs.get(`refs/${path.slice("/git/ref/".length)}`);
      return sha === undefined
        ? { status: 404 }
        : { status: 200, json: { ref: `refs/${path.slice("/git/ref/".length)}`, object: { type: "commit", sha } } };
    }
    if (method === "GET" && path === "/pulls") return { status: 200, json: this.pulls };
    if (path === "/git/blobs") return this.made("blob", Buffer.from(text("content"), "base64"));
    if (path === "/git/trees") return this.made("tree", Buffer.from(JSON.stringify(body)));
    if (path === "/git/commits") return this.made("commit", Buffer.from(JSON.stringify(body)));
    if (path === "/git/refs") {
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
    "%s: the second call makes the same commit and nothing more",
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
      expect(await writer.writeCommit(repository, set, plan)).toEqual(clean);
      expect(forge.objects.size).toBe(objects);
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

  it("a time that is not whole seconds", async () => {
    const { writer } = await start();
    expect(await caught(writer.writeCommit(repository, set, { ...plan, committedAtMs: 1.5 }))).toMatchObject({
      code: "invalid_request",
    });
  });

  it("asks for writing contents and pull requests alone, and changes nothing that exists", async () => {
    const { fake, writer } = await start();
    await writer.writeCommit(repository, set, plan);
    const permissions = { contents: "write", pull_requests: "write" };
    expect(fake.mints).toEqual([{ repositories: ["lib"], permissions }]);
    const workflow = approved(set.baseCommit, [added(".github/workflows/ci.yml", "on: push\n")]);
    await caught(writer.writeCommit(repository, workflow, plan));
    expect(fake.mints.at(-1)).toEqual({
      repositories: ["lib"],
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
      if (seen.method === "GET") return { status: 200, json: { sha: commit, tree: { sha: "b".repeat(40) } } };
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
