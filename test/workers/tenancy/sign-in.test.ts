import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createDeps, createTestApi, testConfig } from "../app.ts";
import { auditOf, Client, newLogin, newPerson } from "../client.ts";
import { heldD1 } from "../d1.ts";
import { makeCode } from "../fake-github-config.ts";

const sessionCookie = "assembly-lime.session_token";

async function count(sql: string, ...values: readonly unknown[]): Promise<number> {
  return (
    (await env.DB.prepare(sql)
      .bind(...values)
      .first<number>("n")) ?? 0
  );
}

describe("signing in with GitHub", () => {
  test("asks for the two scopes with state and an S256 challenge, whatever the caller adds", async () => {
    const { authorizeUrl, state, challenge } = await new Client().startSignIn({
      scopes: ["repo"],
      additionalParams: { prompt: "none" },
    });
    expect(authorizeUrl.origin + authorizeUrl.pathname).toBe("http://github.test/login/oauth/authorize");
    expect(authorizeUrl.searchParams.get("scope")).toBe("read:user user:email");
    expect(authorizeUrl.searchParams.get("code_challenge_method")).toBe("S256");
    expect(authorizeUrl.searchParams.get("redirect_uri")).toBe("http://lime.test/api/auth/callback/github");
    expect(authorizeUrl.searchParams.has("prompt")).toBe(false);
    expect(state.length).toBeGreaterThanOrEqual(32);
    expect(challenge.length).toBe(43);
  });

  test("ends in a session, a tenant named after the person, and the role admin", async () => {
    const client = new Client();
    const login = newLogin();
    const response = await client.signIn(login);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/");
    const me = await client.me();
    expect(me.user).toMatchObject({
      name: `Name of ${login}`,
      email: `${login}@example.com`,
      avatarUrl: `https://avatars.test/${login}`,
    });
    expect(me.tenants).toEqual([
      { id: me.activeTenantId, name: `Name of ${login}`, slug: `user-${me.user.id}`, role: "admin" },
    ]);
    expect(await auditOf(me.activeTenantId)).toEqual([
      { action: "tenant.created", subject: `tenant:${me.activeTenantId}` },
    ]);
  });

  test("knows the forge's noreply address of the person, by account id and login of now", async () => {
    const client = new Client();
    const login = newLogin();
    await client.signIn(login);
    const userId = Number((await client.me()).user.id);
    const account = await env.DB.prepare("select account_id from account where user_id = ?")
      .bind(userId)
      .first<string>("account_id");
    const { identity } = createDeps(env.DB);
    expect(await identity.noreplyEmail(userId)).toBe(`${account}+${login}@users.noreply.github.test`);
    // Without an account there is no address, and none is made up.
    await expect(identity.noreplyEmail(userId + 1_000_000)).rejects.toMatchObject({
      kind: "permanent",
      code: "unauthorized",
    });
  });

  test("sets a cookie that scripts can't read and that lasts seven days", async () => {
    const response = await new Client().signIn(newLogin());
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith(sessionCookie)) ?? "";
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).toMatch(/; Max-Age=604800/);
    expect(cookie).not.toMatch(/; Secure/);
  });

  test("over https, makes every cookie Secure and answers only to the __Secure- name", async () => {
    const client = new Client(createTestApi(env.DB, { ...testConfig, publicUrl: "https://lime.test" }));
    client.origin = "https://lime.test";
    const response = await client.signIn(newLogin());
    const cookies = response.headers.getSetCookie().filter((line) => line.includes("session_token"));
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^__Secure-assembly-lime\.session_token=.*; Secure/);
    expect((await client.send("GET", "/api/me")).status).toBe(200);
    const token = client.cookies.get(`__Secure-${sessionCookie}`) ?? "";
    client.cookies.clear();
    client.cookies.set(sessionCookie, token);
    expect((await client.problem("GET", "/api/me")).code).toBe("unauthenticated");
  });

  test("keeps the GitHub token encrypted", async () => {
    const { login, me } = await newPerson();
    const row = await env.DB.prepare("select access_token as token, account_id as id from account where user_id = ?")
      .bind(Number(me.user.id))
      .first<{ token: string; id: string }>();
    expect(row?.id).toMatch(/^[0-9]+$/);
    expect(row?.token.length).toBeGreaterThan(20);
    expect(row?.token).not.toContain(login);
  });

  test("again makes neither a second person nor a second tenant", async () => {
    const { login, me } = await newPerson();
    const again = new Client();
    await again.signIn(login);
    expect(await again.me()).toEqual(me);
  });

  test("twice at the same instant for the first time makes one person and one tenant", async () => {
    const login = newLogin();
    const clients = Array.from({ length: 12 }, () => new Client());
    await Promise.all(clients.map((client) => client.signIn(login)));
    const people = await Promise.all(clients.map((client) => client.me()));
    expect(new Set(people.map((me) => `${me.user.id} ${me.activeTenantId}`)).size).toBe(1);
    const userId = Number(people[0]?.user.id);
    expect(await count("select count(*) as n from user where email = ?", `${login}@example.com`)).toBe(1);
    expect(await count("select count(*) as n from account where user_id = ?", userId)).toBe(1);
    expect(await count("select count(*) as n from member where user_id = ?", userId)).toBe(1);
    expect(await auditOf(people[0]?.activeTenantId ?? "0")).toHaveLength(1);
  });

  test.each([
    ["insert the person", /^insert into "user"/],
    ["insert the account", /^insert into "account"/],
    ["look the person up, after the account", /from "user".*"email" = \?/],
    ["make the tenant", /^insert into "organization"/],
  ])("that comes second to %s takes what the first one made", async (_, statement) => {
    const login = newLogin();
    const held = heldD1(env.DB, statement);
    const late = new Client(createTestApi(held.d1));
    const signingIn = late.signIn(login);
    await held.arrived;
    const early = new Client();
    await early.signIn(login);
    held.letGo();
    await signingIn;
    expect(await late.me()).toEqual(await early.me());
  });

  test("that finds the person of the first one before their account is made takes both", async () => {
    const login = newLogin();
    const first = heldD1(env.DB, /^insert into "account"/);
    const early = new Client(createTestApi(first.d1));
    const earlySigningIn = early.signIn(login);
    await first.arrived;
    const second = heldD1(env.DB, /^select "account_id" from "account"/);
    const late = new Client(createTestApi(second.d1));
    const lateSigningIn = late.signIn(login);
    await second.arrived;
    first.letGo();
    await earlySigningIn;
    second.letGo();
    await lateSigningIn;
    expect(await late.me()).toEqual(await early.me());
  });

  test("goes on when an earlier one was cut between person and account", async () => {
    const login = newLogin();
    await env.DB.prepare(
      "insert into user (name, email, email_verified, created_at_ms, updated_at_ms) values (?, ?, 1, 0, 0)",
    )
      .bind("Cut", `${login}@example.com`)
      .run();
    const client = new Client();
    await client.signIn(login);
    expect((await client.me()).user.name).toBe("Cut");
  });
});

describe("somebody who was put out of the tenant that bears their name", () => {
  test("can sign in, and belongs to none", async () => {
    const { client, login, me } = await newPerson();
    await env.DB.prepare("delete from member where user_id = ?").bind(Number(me.user.id)).run();
    expect((await client.signIn(login)).status).toBe(302);
    expect((await client.problem("GET", "/api/me")).code).toBe("forbidden");
    expect(await count("select count(*) as n from member where organization_id = ?", Number(me.activeTenantId))).toBe(
      0,
    );
  });
});

describe("a sign-in is refused", () => {
  async function refusal(client: Client, response: Response): Promise<string> {
    expect(response.status).toBe(302);
    expect(client.cookies.has(sessionCookie)).toBe(false);
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.origin + location.pathname).toBe("http://lime.test/sign-in");
    return location.searchParams.get("error") ?? "";
  }

  test("with a state that was never given", async () => {
    const client = new Client();
    const { challenge } = await client.startSignIn();
    const response = await client.finishSignIn(makeCode({ login: newLogin(), challenge }), "x".repeat(32));
    expect(await refusal(client, response)).toBe("state_mismatch");
  });

  test("with the state of another browser", async () => {
    const victim = new Client();
    const attacker = new Client();
    await victim.startSignIn();
    const { state, challenge } = await attacker.startSignIn();
    const response = await victim.finishSignIn(makeCode({ login: newLogin(), challenge }), state);
    expect(await refusal(victim, response)).toBe("state_mismatch");
  });

  test("with a state that was used before", async () => {
    const client = new Client();
    const { state, challenge } = await client.startSignIn();
    const code = makeCode({ login: newLogin(), challenge });
    await client.finishSignIn(code, state);
    client.cookies.delete(sessionCookie);
    expect(await refusal(client, await client.finishSignIn(code, state))).toBe("state_mismatch");
  });

  test("with a code that was asked for by somebody else: its PKCE verifier is missing", async () => {
    const victim = new Client();
    const { challenge } = await new Client().startSignIn();
    const { state } = await victim.startSignIn();
    const response = await victim.finishSignIn(makeCode({ login: newLogin(), challenge }), state);
    expect(await refusal(victim, response)).toBe("unable_to_get_user_info");
  });

  test("without a state", async () => {
    const client = new Client();
    expect(await refusal(client, await client.send("GET", "/api/auth/callback/github?code=x"))).toBe("state_not_found");
  });

  test("for a person without a verified address", async () => {
    const client = new Client();
    expect(await refusal(client, await client.signIn(`unverified${newLogin()}`))).toBe("unable_to_get_user_info");
  });

  test("for a second GitHub account with the address of the first", async () => {
    const address = newLogin();
    await new Client().signIn(`first~${address}`);
    const client = new Client();
    expect(await refusal(client, await client.signIn(`second~${address}`))).toBe("email_taken");
  });

  test("for a login that the deployment does not name, first time and later", async () => {
    const allowed = newLogin();
    const config = { ...testConfig, allowedLogins: [allowed.toUpperCase()] };
    const insider = new Client(createTestApi(env.DB, config));
    await insider.signIn(allowed);
    expect((await insider.me()).user.email).toBe(`${allowed}@example.com`);
    const stranger = new Client(createTestApi(env.DB, config));
    const login = newLogin();
    expect(await refusal(stranger, await stranger.signIn(login))).toBe("not_allowed");
    expect(await count("select count(*) as n from user where email = ?", `${login}@example.com`)).toBe(0);
    const earlier = await newPerson();
    expect(await refusal(stranger, await stranger.signIn(earlier.login))).toBe("not_allowed");
  });

  test("when it would end on another site", async () => {
    const body = { provider: "github", callbackURL: "https://evil.example/" };
    expect((await new Client().problem("POST", "/api/auth/sign-in/social", body)).code).toBe("forbidden");
  });

  test("when another site starts it", async () => {
    const client = new Client();
    client.origin = "https://evil.example";
    const body = { provider: "github", callbackURL: "/" };
    expect((await client.problem("POST", "/api/auth/sign-in/social", body)).code).toBe("foreign_origin");
  });
});
