import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { Client, newLogin, newPerson } from "../client.ts";

const sessionCookie = "assembly-lime.session_token";

describe("a session", () => {
  test("ends after seven days, whatever happened in between", async () => {
    const { client, me } = await newPerson();
    const expiry = await env.DB.prepare("select expires_at_ms as at from session where user_id = ?")
      .bind(Number(me.user.id))
      .first<number>("at");
    expect(Math.abs((expiry ?? 0) - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000);
    await env.DB.prepare("update session set expires_at_ms = ? where user_id = ?")
      .bind(Date.now() - 1, Number(me.user.id))
      .run();
    expect((await client.problem("GET", "/api/me")).code).toBe("unauthenticated");
  });

  test("ends at once on signing out, in every tab", async () => {
    const { client } = await newPerson();
    const tab = new Client();
    for (const [name, value] of client.cookies) tab.cookies.set(name, value);
    expect((await client.send("POST", "/api/auth/sign-out", {})).status).toBe(200);
    expect(client.cookies.has(sessionCookie)).toBe(false);
    expect((await tab.problem("GET", "/api/me")).code).toBe("unauthenticated");
  });

  test("can't be made up: an unsigned, a wrongly signed or an altered token is nobody", async () => {
    const { client } = await newPerson();
    const cookie = decodeURIComponent(client.cookies.get(sessionCookie) ?? "");
    const token = cookie.slice(0, cookie.lastIndexOf("."));
    const signature = cookie.slice(cookie.lastIndexOf(".") + 1);
    const other = (await newPerson()).client.cookies.get(sessionCookie) ?? "";
    const otherSignature = decodeURIComponent(other).split(".").at(-1) ?? "";
    for (const forged of [
      token,
      `${token}.`,
      `${token}.${otherSignature}`,
      `${token}x.${signature}`,
      `.${signature}`,
    ]) {
      client.cookies.set(sessionCookie, encodeURIComponent(forged));
      expect((await client.problem("GET", "/api/me")).code).toBe("unauthenticated");
    }
    client.cookies.set(sessionCookie, encodeURIComponent(cookie));
    expect((await client.send("GET", "/api/me")).status).toBe(200);
  });

  test("is a new one after signing in, not one that the browser brought", async () => {
    const { client } = await newPerson();
    const before = client.cookies.get(sessionCookie);
    await client.signIn(newLogin());
    expect(client.cookies.get(sessionCookie)).not.toBe(before);
  });

  test("brings nothing else of the identity library to the browser", async () => {
    const { client } = await newPerson();
    for (const [method, path] of [
      ["POST", "/get-access-token"],
      ["GET", "/get-session"],
      ["GET", "/list-accounts"],
      ["POST", "/update-user"],
      ["POST", "/delete-user"],
      ["POST", "/organization/create"],
      ["POST", "/organization/update-member-role"],
      ["POST", "/sign-up/email"],
      ["POST", "/callback/github"],
    ] as const) {
      expect((await client.problem(method, `/api/auth${path}`, method === "POST" ? {} : undefined)).code).toBe(
        "not_found",
      );
    }
  });
});
