import { env } from "cloudflare:workers";
import * as z from "zod";
import { problemSchema, type Problem } from "../../contracts/errors.ts";
import { meSchema, type Me } from "../../contracts/project.ts";
import type { Role } from "../../contracts/common.ts";
import { createTestApi, testConfig, type TestApi } from "./app.ts";
import { makeCode } from "./fake-github-config.ts";

let people = 0;

/** A login that no other test has; `-<n>` parts name the installations that the person sees. */
export function newLogin(...installations: readonly number[]): string {
  people += 1;
  return [`person${people}x${crypto.randomUUID().slice(0, 8)}`, ...installations].join("-");
}

/** The answer of the sign-in's first step. */
export interface StartedSignIn {
  readonly authorizeUrl: URL;
  readonly state: string;
  readonly challenge: string;
}

/** A browser, as far as the API sees one: cookies and an Origin. */
export class Client {
  readonly cookies = new Map<string, string>();
  /** Tests may put another in its place: the cookies stay. */
  api: TestApi;
  origin: string | null = testConfig.publicUrl;

  constructor(api: TestApi = createTestApi(env.DB)) {
    this.api = api;
  }

  /** Sends a request with the cookies and, for anything but GET, the Origin; keeps the cookies that come back. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const all = new Headers(headers);
    if (this.cookies.size > 0)
      all.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    if (method !== "GET" && this.origin !== null) all.set("origin", this.origin);
    if (body !== undefined && !all.has("content-type")) all.set("content-type", "application/json");
    const init: RequestInit = { method, headers: all };
    if (body !== undefined)
      init.body = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await this.api.fetch(new Request(new URL(path, testConfig.publicUrl), init));
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Sends and parses the answer; fails unless it has the status. */
  async ask<T>(schema: z.ZodType<T>, status: number, method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (response.status !== status) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return schema.parse(JSON.parse(text));
  }

  /** Sends and parses the problem that comes back; fails when it is no problem document. */
  async problem(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Problem> {
    const response = await this.send(method, path, body, headers);
    return readProblem(response);
  }

  /** First step of a sign-in: where the browser is sent. */
  async startSignIn(extra: Readonly<Record<string, unknown>> = {}): Promise<StartedSignIn> {
    const response = await this.send("POST", "/api/auth/sign-in/social", {
      provider: "github",
      callbackURL: "/",
      ...extra,
    });
    const { url } = z.object({ url: z.string() }).parse(await response.json());
    const authorizeUrl = new URL(url);
    return {
      authorizeUrl,
      state: authorizeUrl.searchParams.get("state") ?? "",
      challenge: authorizeUrl.searchParams.get("code_challenge") ?? "",
    };
  }

  /** The last step: the callback of the forge's redirect. */
  async finishSignIn(code: string, state: string): Promise<Response> {
    return this.send("GET", `/api/auth/callback/github?${new URLSearchParams({ code, state }).toString()}`);
  }

  /** The whole sign-in of a person. */
  async signIn(login: string): Promise<Response> {
    const { state, challenge } = await this.startSignIn();
    return this.finishSignIn(makeCode({ login, challenge }), state);
  }

  async me(): Promise<Me> {
    return this.ask(meSchema, 200, "GET", "/api/me");
  }
}

/** Parses a problem answer; fails when its media type, status or shape is wrong. */
export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text();
  if (response.headers.get("content-type") !== "application/problem+json")
    throw new Error(`no problem: ${response.status} ${text}`);
  const problem = problemSchema.parse(JSON.parse(text));
  if (problem.status !== response.status) throw new Error(`problem says ${problem.status}, answer ${response.status}`);
  return problem;
}

/** A signed-in person in a tenant of their own. */
export async function newPerson(
  ...installations: readonly number[]
): Promise<{ readonly client: Client; readonly login: string; readonly me: Me }> {
  const client = new Client();
  const login = newLogin(...installations);
  await client.signIn(login);
  return { client, login, me: await client.me() };
}

/** Another person, who is a member of the tenant with the role and works in it. */
export async function newMember(tenantId: string, role: Role): Promise<{ readonly client: Client; readonly me: Me }> {
  const { client, me } = await newPerson();
  await addMember(tenantId, me, role);
  return { client, me: await client.ask(meSchema, 200, "POST", "/api/me/active-tenant", { tenantId }) };
}

/** Makes a person a member of a tenant. */
export async function addMember(tenantId: string, { user }: Me, role: Role): Promise<void> {
  await env.DB.prepare("insert into member (organization_id, user_id, role, created_at_ms) values (?, ?, ?, ?)")
    .bind(Number(tenantId), Number(user.id), role, Date.now())
    .run();
}

/** The actions in a tenant's audit log, oldest first. */
export async function auditOf(
  tenantId: string,
  actorKey: string | null = null,
): Promise<readonly { readonly action: string; readonly subject: string }[]> {
  const { results } = await env.DB.prepare(
    "select action, subject from audit where tenant_id = ?1 and (?2 is null or actor_key = ?2) order by id",
  )
    .bind(Number(tenantId), actorKey)
    .all<{ action: string; subject: string }>();
  return results;
}
