import { createHash } from "node:crypto";
import { codeSchema, fakeGitHub } from "./fake-github-config.ts";

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

/** A number that stays the same for a login: its GitHub id. */
function numberOf(login: string): number {
  return createHash("sha256").update(login).digest().readUInt32BE(0);
}

async function token(request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  if (form.get("client_id") !== fakeGitHub.clientId || form.get("client_secret") !== fakeGitHub.clientSecret) {
    return json({ error: "incorrect_client_credentials" });
  }
  const code = form.get("code") ?? "";
  const { login, challenge } = codeSchema.parse(JSON.parse(atob(code.replaceAll("-", "+").replaceAll("_", "/"))));
  const verifier = form.get("code_verifier");
  if (verifier === null || createHash("sha256").update(verifier).digest("base64url") !== challenge) {
    return json({ error: "bad_verification_code", error_description: "The code verifier is missing or wrong." });
  }
  return json({ access_token: `gho_${login}`, token_type: "bearer", scope: "read:user,user:email" });
}

/**
 * Answers the Worker's outbound requests in tests: GitHub's OAuth and user endpoints, with no state, because the code
 * and the token say who they are for. A login such as `ann-7-8` sees the installations 7 and 8. All else is refused.
 */
export async function answerOutbound(request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (url.origin === fakeGitHub.web && url.pathname === "/login/oauth/access_token") return token(request);
  const login = /^Bearer gho_(.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
  if (url.origin !== fakeGitHub.api || login === undefined) return json({ message: "refused by the test" }, 502);
  if (login.startsWith("expired"))
    return url.pathname === "/user/installations" ? json({ message: "Bad credentials" }, 401) : user(url, login);
  return user(url, login);
}

function user(url: URL, login: string): Response {
  if (url.pathname === "/user") {
    return json({ id: numberOf(login), login, name: `Name of ${login}`, avatar_url: `https://avatars.test/${login}` });
  }
  if (url.pathname === "/user/emails") {
    const verified = !login.startsWith("unverified");
    // Logins that share the part after `same~` share an address.
    const address = login.includes("~") ? login.slice(login.indexOf("~") + 1) : login;
    return json([{ email: `${address}@example.com`, primary: true, verified, visibility: "private" }]);
  }
  if (url.pathname === "/user/installations") {
    const ids = login.split("-").slice(1).map(Number);
    return json({ total_count: ids.length, installations: ids.map((id) => ({ id, account: { login: `org-${id}` } })) });
  }
  // Each installation has one repository, whose id is the installation's.
  const [, asked, id = ""] =
    /^\/(?:(user\/installations)\/(\d+)\/repositories|repositories\/(\d+))$/u.exec(url.pathname) ?? [];
  const wanted = asked === undefined ? url.pathname.split("/")[2] : id;
  if (wanted === undefined || !login.split("-").slice(1).includes(wanted)) return json({ message: "Not Found" }, 404);
  const repository = { id: Number(wanted) };
  return json(asked === undefined ? repository : { total_count: 1, repositories: [repository] });
}
