import { generateKeyPairSync } from "node:crypto";
import { Octokit } from "@octokit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  appOf,
  clientOf,
  lib,
  personOf,
  refusal,
  startFixture,
  type Fixture,
  containing,
  matching,
} from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

describe("the app", () => {
  it("is let in with its own key and sees its installation", async () => {
    const { octokit } = appOf(fixture);
    const about = await octokit.request("GET /app");
    expect(about.data).toMatchObject({ id: 77, slug: "assembly-lime" });
    const installations = await octokit.request("GET /app/installations");
    expect(installations.data.map(({ id, repository_selection }) => [id, repository_selection])).toEqual([
      [fixture.installationId, "selected"],
    ]);
    const found = await octokit.request("GET /repos/{owner}/{repo}/installation", lib);
    expect(found.data.id).toBe(fixture.installationId);
    expect(about.headers).toMatchObject({
      "x-ratelimit-limit": "5000",
      "x-github-request-id": matching(/^[0-9A-F]{16}$/),
    });
  });

  it("is refused with another key", async () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
    expect(await refusal(appOf(fixture, other).octokit.request("GET /app"))).toMatchObject({
      status: 401,
      message: containing("A JSON web token could not be decoded"),
    });
  });

  it.each([
    ["another app's id", { iss: 78, iat: -10, exp: 300 }, 404],
    ["an end in the past", { iss: 77, iat: -600, exp: -10 }, 401],
    ["an end too far away", { iss: 77, iat: -10, exp: 3600 }, 401],
    ["a beginning in the future", { iss: 77, iat: 300, exp: 500 }, 401],
  ])("is refused with %s", async (_, claims, status) => {
    const { createSign } = await import("node:crypto");
    const now = Math.floor(Date.now() / 1000);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iss: claims.iss, iat: now + claims.iat, exp: now + claims.exp })}`;
    const jwt = `${unsigned}.${createSign("RSA-SHA256").update(unsigned).sign(fixture.forge.privateKeyPem, "base64url")}`;
    const response = await fetch(`${fixture.forge.apiUrl}/app`, { headers: { authorization: `Bearer ${jwt}` } });
    expect(response.status).toBe(status);
  });

  it("is refused with an unsigned token and with an access token", async () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const none = `${part({ alg: "none" })}.${part({ iss: 77 })}.x`;
    const { token } = await clientOf(fixture);
    for (const wrong of [none, token]) {
      const response = await fetch(`${fixture.forge.apiUrl}/app`, { headers: { authorization: `Bearer ${wrong}` } });
      expect(response.status).toBe(401);
    }
  });
});

describe("an installation token", () => {
  it("reaches what the installation holds, and nothing else", async () => {
    const { octokit } = await clientOf(fixture);
    const held = await octokit.request("GET /installation/repositories");
    expect(held.data.repositories.map(({ full_name }) => full_name)).toEqual(["octo/lib", "octo/empty"]);
    expect(await refusal(octokit.request("GET /repos/{owner}/{repo}", { owner: "octo", repo: "other" }))).toMatchObject(
      { status: 404 },
    );
  });

  it("can be narrowed to a repository", async () => {
    const { octokit } = await clientOf(fixture, { repositories: ["empty"] });
    const held = await octokit.request("GET /installation/repositories");
    expect(held.data).toMatchObject({ total_count: 1, repository_selection: "selected" });
    expect(await refusal(octokit.request("GET /repos/{owner}/{repo}", lib))).toMatchObject({ status: 404 });
  });

  it("can be narrowed in its permissions, which are enforced", async () => {
    const { octokit } = await clientOf(fixture, { permissions: { contents: "read" } });
    await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", { ...lib, tree_sha: fixture.base });
    const refused = await refusal(octokit.request("POST /repos/{owner}/{repo}/git/blobs", { ...lib, content: "x" }));
    expect(refused).toMatchObject({
      status: 403,
      message: containing("Resource not accessible by integration"),
    });
    expect(await refusal(octokit.request("GET /repos/{owner}/{repo}/pulls", lib))).toMatchObject({ status: 403 });
    expect(fixture.forge.writes()).toEqual([]);
  });

  it("is not given for more than the installation has", async () => {
    expect(await refusal(clientOf(fixture, { permissions: { administration: "write" } }))).toMatchObject({
      status: 422,
    });
    expect(await refusal(clientOf(fixture, { repositories: ["other"] }))).toMatchObject({ status: 422 });
  });

  it("loses the permissions that the installation loses, and ends with it", async () => {
    const { id } = await fixture.forge.createInstallation({ owner: "acme" });
    await fixture.forge.importRepository({ owner: "acme", name: "tool" });
    const app = appOf(fixture).octokit;
    const { data } = await app.request("POST /app/installations/{installation_id}/access_tokens", {
      installation_id: id,
    });
    const octokit = new Octokit({ baseUrl: fixture.forge.apiUrl, auth: data.token });
    const tool = { owner: "acme", repo: "tool" };
    await octokit.request("POST /repos/{owner}/{repo}/issues", { ...tool, title: "One" });
    await fixture.forge.createInstallation({ owner: "acme", permissions: { issues: "read" } });
    expect(
      await refusal(octokit.request("POST /repos/{owner}/{repo}/issues", { ...tool, title: "Two" })),
    ).toMatchObject({ status: 403 });
    await app.request("DELETE /app/installations/{installation_id}", { installation_id: id });
    expect(await refusal(octokit.request("GET /repos/{owner}/{repo}", tool))).toMatchObject({
      status: 401,
      message: containing("Bad credentials"),
    });
  });

  it("is nothing that anybody can guess or leave out", async () => {
    const wrong = new Octokit({ baseUrl: fixture.forge.apiUrl, auth: "ghs_wrong" });
    expect(await refusal(wrong.request("GET /repos/{owner}/{repo}", lib))).toMatchObject({ status: 401 });
    const anonymous = new Octokit({ baseUrl: fixture.forge.apiUrl });
    expect(await refusal(anonymous.request("GET /repos/{owner}/{repo}", lib))).toMatchObject({ status: 404 });
  });
});

describe("a person's token", () => {
  it("identifies the person, and lists the installations of their organisations", async () => {
    const octokit = await personOf(fixture, "mona");
    expect((await octokit.request("GET /user")).data).toMatchObject({ login: "mona", name: "Mona Lisa", type: "User" });
    expect((await octokit.request("GET /user/emails")).data).toEqual([
      { email: "mona@example.com", primary: true, verified: true, visibility: "private" },
    ]);
    expect((await octokit.request("GET /user/orgs")).data.map(({ login }) => login)).toEqual(["octo"]);
    const seen = await octokit.request("GET /user/installations");
    expect(seen.data.installations.map(({ id }) => id)).toEqual([fixture.installationId]);
    await fixture.forge.createUser({ login: "stranger" });
    const stranger = await personOf(fixture, "stranger");
    expect((await stranger.request("GET /user/installations")).data.total_count).toBe(0);
    expect(await refusal(stranger.request("GET /repos/{owner}/{repo}", lib))).toMatchObject({ status: 404 });
  });
});
