import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { describeEvent } from "../../../local/demo/describe-event.ts";
import { ForgeWitness } from "../../../local/demo/forge-witness.ts";
import { ApiClient } from "../../../local/stack/client.ts";
import { parseRunEvent } from "../../../local/stack/run-socket.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Write {
  readonly id: number;
  readonly method: string;
  readonly path: string;
  readonly repository: string;
  readonly status: number;
  readonly result: string;
}

const post = (id: number, end: string): Write => ({
  id,
  method: "POST",
  path: `/repos/o/r/${end}`,
  repository: "o/r",
  status: 201,
  result: "x",
});

/** A product and a forge in one, whose record of writes is `writes`. */
async function serve(writes: readonly Write[]): Promise<string> {
  const server = createServer((request, response) => {
    const forgeUrl = `http://${request.headers.host ?? ""}`;
    if (request.url === "/api/deployment")
      response.end(JSON.stringify({ name: "n", version: "1", forgeUrl, signIn: ["github"] }));
    else if (request.url === "/_forge/writes") response.end(JSON.stringify(writes));
    else
      response
        .writeHead(request.url === "/o/r/pull/1" ? 200 : 404)
        .end("<pre>o/app#2: it <b>waits</b> for this one</pre>");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const run = { repository: { owner: "o", name: "r" } };

function pullRequest(url: string): Parameters<ForgeWitness["confirm"]>[1] {
  return { number: 1, url, branch: "b", commit: "c".repeat(40), state: "open" };
}

test("one commit, one branch and one pull request are confirmed, older ones left out", async () => {
  const writes = [post(1, "git/refs")];
  const url = await serve(writes);
  const witness = await ForgeWitness.open(new ApiClient(url));
  writes.push(post(2, "git/blobs"), post(3, "git/commits"), post(4, "git/refs"), post(5, "pulls"));
  expect(await witness.confirm(run, pullRequest(`${url}/o/r/pull/1`))).toHaveLength(2);
  await expect(witness.confirm(run, pullRequest(`${url}/o/r/pull/2`))).rejects.toThrow(/doesn't show the pull request/);
});

test.each([
  [["git/commits", "pulls"], /0 branches/],
  [["git/commits", "git/refs", "git/refs", "pulls"], /2 branches/],
  [["git/commits", "git/refs"], /0 pull requests/],
  [["git/refs", "pulls"], /0 commits/],
])("the writes %j are a failure", async (ends, message) => {
  const writes: Write[] = [];
  const url = await serve(writes);
  const witness = await ForgeWitness.open(new ApiClient(url));
  writes.push(...ends.map((end, index) => post(index + 1, end)));
  await expect(witness.confirm(run, pullRequest(`${url}/o/r/pull/1`))).rejects.toThrow(message);
});

test("pull requests are listed in the order of their opening, without refused ones", async () => {
  const writes: Write[] = [];
  const witness = await ForgeWitness.open(new ApiClient(await serve(writes)));
  writes.push(
    { ...post(3, "pulls"), repository: "o/app" },
    { ...post(2, "pulls"), repository: "o/lib" },
    { ...post(1, "pulls"), status: 422 },
  );
  expect(await witness.openedPulls()).toEqual(["o/lib", "o/app"]);
});

test("a page of the forge is read as a person reads it", async () => {
  const url = await serve([]);
  const witness = await ForgeWitness.open(new ApiClient(url));
  await witness.confirmText(`${url}/o/r/pull/1`, "o/app#2: it waits for this one");
  await expect(witness.confirmText(`${url}/o/r/pull/1`, "merge it first")).rejects.toThrow(
    /doesn't say "merge it first"/,
  );
});

function event(type: string, data: unknown): RunEvent {
  return parseRunEvent({ seq: 1, type, v: 2, atMs: 0, data });
}

test("the line of an event names its repository where there are several", () => {
  const ci = event("ci.updated", {
    repositoryId: "2",
    source: "workflow_run",
    appId: null,
    isSuperseded: false,
    checkId: "9",
    name: "test",
    commit: "c".repeat(40),
    status: "completed",
    conclusion: "success",
    url: "http://forge/o/app/actions/runs/9",
  });
  const several = new Map([
    ["1", "lib"],
    ["2", "app"],
  ]);
  expect(describeEvent(ci, several)).toBe('app: CI "test": completed, success');
  expect(describeEvent(ci, new Map([["2", "app"]]))).toBe('CI "test": completed, success');
  const order = event("lanes.ordered", {
    order: ["1", "2"],
    edges: [{ from: "2", to: "1", because: "app/package.json depends on lib ^1.0.0" }],
    cycle: [],
    by: { kind: "system", name: "engine" },
  });
  expect(describeEvent(order, several)).toBe(
    "order of the repositories: lib, then app; app/package.json depends on lib ^1.0.0",
  );
});

test("the demo ends with code 1 and one line when there is no product at the address", () => {
  const starter = path.resolve(import.meta.dirname, "../../../local/stack/start.mjs");
  const { status, stderr } = spawnSync(process.execPath, [starter, "demo", "--url", "http://127.0.0.1:1"], {
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(status).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(/✗ /);
});
