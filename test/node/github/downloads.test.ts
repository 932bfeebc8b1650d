import { afterEach, describe, expect, it } from "vitest";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { caught, commit, optionsFor, repository, startFakeServer } from "./fake-server.ts";
import type { Answer, FakeServer, Handler } from "./fake-server.ts";

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(handler: Handler): Promise<FakeServer> {
  const server = await startFakeServer(handler);
  servers.push(server);
  return server;
}

describe("getTarball", () => {
  it("follows the redirect to another host and leaves the token behind", async () => {
    const store = await start(() => ({
      status: 200,
      headers: { "content-type": "application/x-gzip" },
      text: "tarball",
    }));
    const fake = await start(() => ({ status: 302, headers: { location: `${store.url}/signed?key=1` } }));
    const { reader } = createGitHub({ ...optionsFor(fake), webBaseUrl: store.url });
    expect(await new Response(await reader.getTarball(repository, commit)).text()).toBe("tarball");
    expect(fake.requests).toMatchObject([{ url: `/repos/octo/lib/tarball/${commit}`, authorization: "token ghs_1" }]);
    expect(store.requests).toMatchObject([{ url: "/signed?key=1", authorization: undefined }]);
  });

  it("refuses a redirect in clear text to a host that is not the forge", async () => {
    const other = await start(() => ({ status: 200, text: "private" }));
    const fake = await start(() => ({ status: 302, headers: { location: `${other.url}/` } }));
    expect(await caught(createGitHub(optionsFor(fake)).reader.getTarball(repository, commit))).toMatchObject({
      kind: "permanent",
      code: "bad_redirect",
    });
    expect(other.requests).toEqual([]);
  });

  it("streams: the first piece is there before the last is sent", async () => {
    let finish: (() => void) | undefined;
    const fake = await start((_request, response) => {
      response.writeHead(200, { "content-type": "application/x-gzip" });
      response.write("first");
      finish = () => response.end("last");
      return undefined;
    });
    const stream = (await createGitHub(optionsFor(fake)).reader.getTarball(repository, commit)).getReader();
    const first = await stream.read();
    expect(new TextDecoder().decode(first.value)).toBe("first");
    finish?.();
    expect(new TextDecoder().decode((await stream.read()).value)).toBe("last");
    expect((await stream.read()).done).toBe(true);
  });

  it("fails when the body falls silent, breaks off or grows too large", async () => {
    const fake = await start((request, response) => {
      response.writeHead(200, { "content-type": "application/x-gzip" });
      response.write("x".repeat(1000), () => {
        if (request.url.includes("b".repeat(40))) response.destroy();
      });
      return undefined;
    });
    const options = optionsFor(fake);
    const read = async (limits: object, id: string): Promise<unknown> =>
      caught(
        createGitHub({ ...options, limits })
          .reader.getTarball(repository, id)
          .then((stream) => new Response(stream).text()),
      );
    expect(await read({ idleTimeoutMs: 1_500 }, commit)).toMatchObject({ kind: "transient", code: "timeout" });
    expect(await read({}, "b".repeat(40))).toMatchObject({ kind: "transient", code: "server_error" });
    expect(await read({ maxTarballBytes: 999 }, commit)).toMatchObject({ kind: "permanent", code: "too_large" });
  });

  it("wants a commit id, not a ref", async () => {
    const fake = await start(() => ({ status: 200, text: "" }));
    expect(await caught(createGitHub(optionsFor(fake)).reader.getTarball(repository, "main/../../x"))).toMatchObject({
      code: "invalid_request",
    });
    expect(fake.requests).toEqual([]);
  });
});

describe("getFile", () => {
  it("gives bytes as they are, also those that are no text", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const fake = await start(() => ({
      status: 200,
      json: {
        type: "file",
        size: 256,
        sha: commit,
        encoding: "base64",
        content: Buffer.from(bytes).toString("base64"),
      },
    }));
    expect(await createGitHub(optionsFor(fake)).reader.getFile(repository, commit, "src/a #1?.bin")).toEqual(bytes);
    expect(fake.requests[0]?.url).toBe(`/repos/octo/lib/contents/src%2Fa%20%231%3F.bin?ref=${commit}`);
  });

  it("reads the blob when the content is left out, and refuses non-files and too large files", async () => {
    const large = { type: "file", size: 2_000_000, sha: commit, encoding: "none", content: "" };
    const answers: Record<string, Answer> = {
      large: { status: 200, json: large },
      directory: { status: 200, json: [{ type: "file" }] },
      submodule: { status: 200, json: { ...large, type: "submodule" } },
      huge: { status: 200, json: { ...large, size: 20_000_000 } },
    };
    const fake = await start((request) => {
      if (request.url.includes("/git/blobs/"))
        return {
          status: 200,
          headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" },
          text: "x".repeat(2_000_000),
        };
      return answers[/contents\/(\w+)/u.exec(request.url)?.[1] ?? ""];
    });
    const { reader } = createGitHub(optionsFor(fake));
    expect((await reader.getFile(repository, commit, "large")).length).toBe(2_000_000);
    expect(await caught(reader.getFile(repository, commit, "directory"))).toMatchObject({ code: "not_a_file" });
    expect(await caught(reader.getFile(repository, commit, "submodule"))).toMatchObject({ code: "not_a_file" });
    expect(await caught(reader.getFile(repository, commit, "huge"))).toMatchObject({ code: "too_large" });
    for (const path of ["", "../x", "a//b", "a/./b"])
      expect(await caught(reader.getFile(repository, commit, path))).toMatchObject({ code: "not_found" });
  });
});

describe("getWorkflowRunLog", () => {
  const jobs = [
    { id: 1, name: "build", status: "completed", conclusion: "failure" },
    { id: 2, name: "lint", status: "completed", conclusion: "success" },
    { id: 3, name: "deploy", status: "completed", conclusion: "skipped" },
  ];
  const logs: Record<string, Answer> = {
    "1": { status: 200, text: `${"noise\n".repeat(1000)}expected 2 but got 3 \u{1F34B}` },
    "2": { status: 200, text: `fine\n${"y".repeat(5000)}\n` },
    "3": { status: 404, json: { message: "Not Found" } },
  };
  const handler: Handler = (request) => {
    if (request.url.includes("/runs/9/jobs")) return { status: 200, json: { total_count: 3, jobs } };
    const redirected = /^\/logs\/(\d)$/u.exec(request.url)?.[1];
    if (redirected !== undefined) return logs[redirected];
    const job = /\/jobs\/(\d)\/logs$/u.exec(request.url)?.[1] ?? "";
    return job === "3" ? logs["3"] : { status: 302, headers: { location: `/logs/${job}` } };
  };

  it("puts the job that failed last, whole", async () => {
    const fake = await start(handler);
    const log = await createGitHub(optionsFor(fake)).reader.getWorkflowRunLog(repository, "9", 100_000);
    expect(log).toMatch(/^==> lint: success\nfine\ny+\n==> deploy: skipped\n\(no log\)\n==> build: failure\nnoise\n/u);
    expect(log.endsWith("expected 2 but got 3 \u{1F34B}\n")).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 30, 300])("cuts to the last %i bytes, at a whole character", async (maxBytes) => {
    const fake = await start(handler);
    const log = await createGitHub(optionsFor(fake)).reader.getWorkflowRunLog(repository, "9", maxBytes);
    expect(Buffer.byteLength(log)).toBeLessThanOrEqual(maxBytes);
    expect(Buffer.byteLength(log)).toBeGreaterThan(maxBytes - 4);
    expect(log).not.toContain("\u{FFFD}");
    expect(`${logs["1"]?.text ?? ""}\n`.endsWith(log)).toBe(true);
    expect(fake.requests.some((request) => request.url.includes("/jobs/2/"))).toBe(false);
  });

  it("wants the id of a run", async () => {
    const fake = await start(handler);
    expect(
      await caught(createGitHub(optionsFor(fake)).reader.getWorkflowRunLog(repository, "9/../1", 10)),
    ).toMatchObject({ code: "not_found" });
  });
});
