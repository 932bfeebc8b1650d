import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startFixture, type Fixture, matching } from "./fixture.ts";

const redirectUri = "http://127.0.0.1:9/callback";
const verifier = "a-long-enough-verifier-of-the-client-0123456789";
const challenge = createHash("sha256").update(verifier).digest("base64url");

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

function authorize(change: Record<string, string> = {}): string {
  const url = new URL(`${fixture.forge.url}/login/oauth/authorize`);
  const parameters = {
    client_id: "Iv1.client",
    redirect_uri: redirectUri,
    state: "st<at>e",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...change,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Presses mona's button on the page, as a browser sends it. */
async function press(page: string, origin?: string): Promise<Response> {
  const html = await (await fetch(page)).text();
  const body = new URLSearchParams({ login: "mona" });
  for (const [, name = "", value = ""] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    body.set(name, value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
  }
  expect(html).toContain("Continue as mona");
  return fetch(`${fixture.forge.url}/login/oauth/authorize`, {
    method: "POST",
    body,
    redirect: "manual",
    ...(origin === undefined ? {} : { headers: { origin } }),
  });
}

async function freshCode(): Promise<string> {
  const response = await press(authorize());
  expect(response.status).toBe(302);
  const target = new URL(response.headers.get("location") ?? "");
  expect(target.origin + target.pathname).toBe(redirectUri);
  expect(target.searchParams.get("state")).toBe("st<at>e");
  return target.searchParams.get("code") ?? "";
}

async function exchange(change: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(`${fixture.forge.url}/login/oauth/access_token`, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({
      client_id: "Iv1.client",
      client_secret: "client secret",
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...change,
    }),
  });
  expect(response.status).toBe(200);
  const value: unknown = await response.json();
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

it("signs a person in", async () => {
  const answer = await exchange({ code: await freshCode() });
  expect(answer).toMatchObject({ token_type: "bearer", access_token: matching(/^ghu_/) });
  const user = await fetch(`${fixture.forge.apiUrl}/user`, {
    headers: { authorization: `Bearer ${String(answer["access_token"])}` },
  });
  expect(await user.json()).toMatchObject({ login: "mona" });
});

it("answers form-encoded when JSON is not asked for", async () => {
  const body = new URLSearchParams({
    client_id: "Iv1.client",
    client_secret: "client secret",
    code: await freshCode(),
    code_verifier: verifier,
  });
  const response = await fetch(`${fixture.forge.url}/login/oauth/access_token`, { method: "POST", body });
  expect(new URLSearchParams(await response.text()).get("access_token")).toMatch(/^ghu_/);
});

it("refuses a wrong verifier, and the code is used up", async () => {
  const code = await freshCode();
  expect(await exchange({ code, code_verifier: "another verifier that is long enough 012345678" })).toMatchObject({
    error: "bad_verification_code",
  });
  expect(await exchange({ code })).toMatchObject({ error: "bad_verification_code" });
});

it("takes a code once", async () => {
  const code = await freshCode();
  expect(await exchange({ code })).toHaveProperty("access_token");
  expect(await exchange({ code })).toMatchObject({ error: "bad_verification_code" });
});

it("refuses a wrong client secret and another redirect_uri", async () => {
  expect(await exchange({ code: await freshCode(), client_secret: "wrong" })).toMatchObject({
    error: "incorrect_client_credentials",
  });
  expect(await exchange({ code: await freshCode(), redirect_uri: "http://127.0.0.1:9/else" })).toMatchObject({
    error: "redirect_uri_mismatch",
  });
});

it.each([
  ["an unknown client", { client_id: "other" }],
  ["an address elsewhere", { redirect_uri: "https://evil.example/callback" }],
  ["an address with a name in it", { redirect_uri: "http://127.0.0.1@evil.example/" }],
  ["a script", { redirect_uri: "javascript:alert(1)" }],
  ["a plain challenge", { code_challenge_method: "plain" }],
])("shows no buttons to %s, and redirects nowhere", async (_, change) => {
  const response = await fetch(authorize(change), { redirect: "manual" });
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain("Continue as");
});

it("refuses a form from another site", async () => {
  expect((await press(authorize(), "https://evil.example")).status).toBe(403);
});
