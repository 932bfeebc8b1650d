import { request as httpRequest } from "node:http";
import type { Octokit } from "@octokit/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientOf, commitOn, lib, refusal, startFixture, type Fixture, containing, anyText } from "./fixture.ts";

let fixture: Fixture;
let octokit: Octokit;
beforeAll(async () => {
  fixture = await startFixture();
  ({ octokit } = await clientOf(fixture));
});
afterAll(() => fixture.close());

async function control(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${fixture.forge.url}/_forge${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

it("keeps a ledger of every mutation that it accepted, and of nothing else", async () => {
  await octokit.request("GET /repos/{owner}/{repo}", lib);
  await refusal(
    octokit.request("POST /repos/{owner}/{repo}/git/refs", { ...lib, ref: "refs/heads/x", sha: "1".repeat(40) }),
  );
  expect(fixture.forge.writes()).toEqual([]);
  const head = await commitOn(octokit, "ledger", fixture.base, [{ path: "a", content: "a" }]);
  const pull = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...lib,
    head: "ledger",
    base: "main",
    title: "t",
  });
  const writes = fixture.forge.writes();
  expect(writes.map(({ method, path, status }) => [method, path, status])).toEqual([
    ["POST", "/repos/octo/lib/git/trees", 201],
    ["POST", "/repos/octo/lib/git/commits", 201],
    ["POST", "/repos/octo/lib/git/refs", 201],
    ["POST", "/repos/octo/lib/pulls", 201],
  ]);
  expect(writes.slice(1).map(({ result }) => result)).toEqual([head, `refs/heads/ledger ${head}`, pull.data.html_url]);
  expect(new Set(writes.map(({ tokenId }) => tokenId)).size).toBe(1);
  expect(await (await control("GET", "/writes")).json()).toEqual(writes);
});

it("fails as a test asks: before the work, or after it", async () => {
  const issue = () => octokit.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "i" });
  const titles = async () => (await octokit.request("GET /repos/{owner}/{repo}/issues", lib)).data.length;
  const before = await titles();
  await control("POST", "/faults", {
    match: { method: "POST", path: "/issues$" },
    times: 2,
    status: 403,
    headers: { "retry-after": "1" },
  });
  expect(await refusal(issue())).toMatchObject({ status: 403 });
  expect(await refusal(issue())).toMatchObject({ status: 403 });
  expect(await titles()).toBe(before);
  await control("POST", "/faults", { match: { method: "POST", path: "/issues$" }, status: 502, after: true });
  expect(await refusal(issue())).toMatchObject({ status: 502 });
  expect(await titles()).toBe(before + 1);
  expect(await (await control("GET", "/faults")).json()).toEqual([]);
  await issue();
});

it("lets only programs of this machine near its controls", async () => {
  expect((await control("POST", "/faults", {}, { origin: "http://127.0.0.1:1" })).status).toBe(403);
  expect((await control("POST", "/faults", {}, { "content-type": "text/plain" })).status).toBe(415);
  const { port } = new URL(fixture.forge.url);
  const rebound = await new Promise<number>((resolve, reject) => {
    const sent = httpRequest(
      { port, host: "127.0.0.1", path: "/_forge/writes", headers: { host: `evil.example:${port}` } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on("error", reject).end();
  });
  expect(rebound).toBe(421);
  expect((await control("POST", "/faults", { match: { path: "(" } })).status).toBe(422);
});

it("answers bad requests clearly, in GitHub's shape", async () => {
  const { token } = await clientOf(fixture);
  const post = (body: string) =>
    fetch(`${fixture.forge.apiUrl}/repos/octo/lib/issues`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body,
    });
  expect(await (await post("{")).json()).toMatchObject({
    message: "Problems parsing JSON",
    status: "400",
    documentation_url: anyText,
  });
  expect(await (await post("[]")).json()).toMatchObject({ message: "Body should be a JSON object", status: "400" });
  expect(await (await post('{"title": 7}')).json()).toMatchObject({
    status: "422",
    message: containing("is not a string"),
  });
  expect(await (await post("{}")).json()).toMatchObject({
    message: "Validation Failed",
    errors: [{ resource: "Issue", field: "title", code: "missing_field" }],
  });
  for (const path of [
    "/nowhere",
    "/repos/octo/lib/nowhere",
    "/repos/octo/lib/pulls/0",
    "/repos/octo/lib/pulls/x",
    "/repos/%ff/lib",
  ]) {
    const response = await fetch(`${fixture.forge.apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status, path).toBe(404);
  }
});

it("installs the app by its page", async () => {
  await fixture.forge.importRepository({ owner: "acme", name: "tool" });
  const address = `${fixture.forge.url}/apps/assembly-lime/installations/new`;
  expect(await (await fetch(`${address}?state=s`)).text()).toContain("Install on all repositories of acme");
  const body = new URLSearchParams({ owner: "acme", selection: "selected", repository: "tool" });
  expect((await fetch(address, { method: "POST", body, headers: { origin: "https://evil.example" } })).status).toBe(
    403,
  );
  expect(await (await fetch(address, { method: "POST", body })).text()).toContain("is installed on acme");
});
