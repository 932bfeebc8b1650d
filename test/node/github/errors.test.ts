import { afterEach, describe, expect, it } from "vitest";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { createGitHubUserReader } from "../../../worker/adapters/github/web-user.ts";
import { caught, commit, optionsFor, repository, repositoryAnswer, startFakeServer } from "./fake-server.ts";
import type { Answer, FakeServer, Handler } from "./fake-server.ts";

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(handler: Handler): Promise<FakeServer> {
  server = await startFakeServer(handler);
  return server;
}

interface Expected {
  readonly kind: "transient" | "permanent";
  readonly code: string;
  readonly retryAfterMs?: number;
  /** The number of requests: the first one and the quick retries. */
  readonly attempts: number;
}

const cases: readonly (readonly [string, Answer, Expected])[] = [
  [
    "401 under a fresh token",
    { status: 401, json: { message: "Bad credentials" } },
    { kind: "transient", code: "unauthorized", attempts: 3 },
  ],
  [
    "403",
    { status: 403, json: { message: "Resource not accessible by integration" } },
    { kind: "permanent", code: "forbidden", attempts: 1 },
  ],
  [
    "403 with a secondary limit",
    { status: 403, headers: { "retry-after": "9" }, json: { message: "You have exceeded a secondary rate limit" } },
    { kind: "transient", code: "rate_limited", retryAfterMs: 9000, attempts: 1 },
  ],
  [
    "403 with the primary limit used up",
    {
      status: 403,
      headers: {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "1700000060",
        date: new Date(1_700_000_000_000).toUTCString(),
      },
      json: { message: "API rate limit exceeded" },
    },
    { kind: "transient", code: "rate_limited", retryAfterMs: 61_000, attempts: 1 },
  ],
  [
    "403 of a blob over the limit",
    { status: 403, json: { message: "Blob", errors: [{ code: "too_large" }] } },
    { kind: "permanent", code: "too_large", attempts: 1 },
  ],
  ["404", { status: 404, json: { message: "Not Found" } }, { kind: "permanent", code: "not_found", attempts: 1 }],
  [
    "409 of an empty repository",
    { status: 409, json: { message: "Git Repository is empty." } },
    { kind: "permanent", code: "empty_repository", attempts: 1 },
  ],
  [
    "404 of an empty repository",
    { status: 404, json: { message: "This repository is empty." } },
    { kind: "permanent", code: "empty_repository", attempts: 1 },
  ],
  ["409", { status: 409, json: { message: "Conflict" } }, { kind: "transient", code: "conflict", attempts: 1 }],
  [
    "422",
    { status: 422, json: { message: "Validation Failed", errors: [{ message: "no" }] } },
    { kind: "permanent", code: "invalid_request", attempts: 1 },
  ],
  [
    "429",
    { status: 429, headers: { "retry-after": "30" }, text: "slow down" },
    { kind: "transient", code: "rate_limited", retryAfterMs: 30_000, attempts: 1 },
  ],
  ["500", { status: 500, text: "oops" }, { kind: "transient", code: "server_error", attempts: 3 }],
  [
    "502 with a page",
    { status: 502, headers: { "content-type": "text/html" }, text: `<html>${"x".repeat(5000)}` },
    { kind: "transient", code: "server_error", attempts: 3 },
  ],
  [
    "503 with retry-after",
    { status: 503, headers: { "retry-after": "2" }, text: "" },
    { kind: "transient", code: "server_error", retryAfterMs: 2000, attempts: 1 },
  ],
  ["another shape", { status: 200, json: { id: "no" } }, { kind: "transient", code: "server_error", attempts: 1 }],
];

describe("errors of reads", () => {
  it.each(cases)("%s", async (_name, answer, expected) => {
    const fake = await start(() => answer);
    const error = await caught(createGitHub(optionsFor(fake)).reader.getRepository(repository));
    const { attempts, ...fields } = expected;
    expect(error).toMatchObject({ name: "PortError", port: "forge", ...fields });
    if (expected.retryAfterMs === undefined) expect(error).toMatchObject({ retryAfterMs: undefined });
    expect(fake.requests).toHaveLength(attempts);
    expect(String(error).length).toBeLessThan(500);
    expect(JSON.stringify(error)).not.toContain("ghs_");
  });

  it("is over a short outage by itself", async () => {
    let failures = 2;
    const fake = await start(() =>
      failures-- > 0 ? { status: 502, text: "" } : { status: 200, json: repositoryAnswer },
    );
    await expect(createGitHub(optionsFor(fake)).reader.getRepository(repository)).resolves.toMatchObject({
      externalId: "42",
      defaultBranch: "main",
    });
  });

  it("calls a dead server transient", async () => {
    const fake = await start(() => undefined);
    const options = optionsFor(fake);
    await fake.close();
    expect(await caught(createGitHub(options).reader.getRepository(repository))).toMatchObject({
      kind: "transient",
      code: "server_error",
    });
  });

  it("is permanent when the App's key or a person's token is refused", async () => {
    const fake = await start(() => ({ status: 401, json: { message: "Bad credentials" } }));
    expect(await caught(createGitHub(optionsFor(fake)).reader.listInstallationRepositories("8"))).toMatchObject({
      kind: "permanent",
      code: "unauthorized",
    });
    expect(await caught(createGitHubUserReader(optionsFor(fake)).getViewer("ghu_x"))).toMatchObject({
      kind: "permanent",
      code: "unauthorized",
    });
    const badKey = createGitHub({ ...optionsFor(fake), privateKeyPem: "nonsense" });
    expect(await caught(badKey.reader.getRepository(repository))).toMatchObject({ kind: "permanent", code: "bad_key" });
  });

  it("gives up on an answer that never comes, without a retry", async () => {
    const fake = await start(() => undefined);
    const { reader } = createGitHub({ ...optionsFor(fake), limits: { timeoutMs: 1_500 } });
    expect(await caught(reader.getRepository(repository))).toMatchObject({ kind: "transient", code: "timeout" });
    expect(fake.requests).toHaveLength(1);
  });

  it("gives up on a body that stops in the middle", async () => {
    const fake = await start((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"id":');
      return undefined;
    });
    const { reader } = createGitHub({ ...optionsFor(fake), limits: { timeoutMs: 1_500 } });
    expect(await caught(reader.getRepository(repository))).toMatchObject({ kind: "transient", code: "timeout" });
  });

  it("refuses an answer that is too large, without asking again", async () => {
    const fake = await start(() => ({ status: 200, json: { ...repositoryAnswer, padding: "x".repeat(5000) } }));
    const { reader } = createGitHub({ ...optionsFor(fake), limits: { maxAnswerBytes: 4000 } });
    expect(await caught(reader.getRepository(repository))).toMatchObject({ kind: "permanent", code: "too_large" });
    expect(fake.requests).toHaveLength(1);
  });

  it("does not turn in circles", async () => {
    const fake = await start((request) => ({ status: 302, headers: { location: request.url } }));
    expect(await caught(createGitHub(optionsFor(fake)).reader.getTarball(repository, commit))).toMatchObject({
      kind: "permanent",
      code: "too_many_redirects",
    });
    expect(fake.requests).toHaveLength(6);
  });
});

describe("tokens", () => {
  it("are minted for each call, for one repository and what the call needs", async () => {
    const fake = await start((request) =>
      request.method === "GET" ? { status: 200, json: repositoryAnswer } : { status: 500 },
    );
    const { reader } = createGitHub(optionsFor(fake));
    await Promise.all([reader.getRepository(repository), reader.getRepository(repository)]);
    const permissions = { metadata: "read", contents: "read", actions: "read", checks: "read", pull_requests: "read" };
    expect(fake.mints).toEqual([
      { repository_ids: [42], permissions },
      { repository_ids: [42], permissions },
    ]);
    expect(new Set(fake.requests.map((request) => request.authorization))).toEqual(
      new Set(["token ghs_1", "token ghs_2"]),
    );
  });

  it("are not minted for ids that would walk to another path", async () => {
    const fake = await start(() => ({ status: 200, json: repositoryAnswer }));
    const { reader } = createGitHub(optionsFor(fake));
    for (const externalId of ["..", "4/2", "", "4 2", "4?2", "0"]) {
      expect(await caught(reader.getRepository({ ...repository, externalId }))).toMatchObject({
        code: "no_repository_id",
      });
    }
    expect(await caught(reader.getRepository({ ...repository, installationId: "7/../8" }))).toMatchObject({
      code: "invalid_request",
    });
    expect([...fake.mints, ...fake.requests]).toEqual([]);
  });
});
