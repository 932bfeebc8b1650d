import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { actorName, authenticate, type Actor } from "./auth/actor.ts";
import type { ForgeContext } from "./context.ts";
import { parseGitRequest, serveGit } from "./routes/smart-http.ts";
import { acceptAuthorize, showAuthorize } from "./oauth/authorize.ts";
import { exchangeCode } from "./oauth/access-token.ts";
import { missingPage } from "./pages/html.ts";
import { servePage } from "./pages/site.ts";
import { serveLog } from "./routes/actions.ts";
import { serveArchive } from "./routes/archive.ts";
import { serveControl } from "./routes/control.ts";
import type { Answer, Headers } from "./http/answer.ts";
import { repositoryOf, type ApiRoute, type Call } from "./routes/calls.ts";
import { ApiError, notFound } from "./http/errors.ts";
import type { Fault } from "./http/faults.ts";
import { isOwnForm, namesThisForge } from "./http/hosts.ts";
import { rateHeaders } from "./http/rate-limits.ts";
import { type Parameters, readBody } from "./http/request.ts";
import type { Router } from "./http/router.ts";

const apiPrefix = "/api/v3";

async function send(response: ServerResponse, answer: Answer, headers: Headers, withBody: boolean): Promise<void> {
  const common = { ...headers, ...answer.headers };
  if (answer.kind === "json") {
    const body = Buffer.from(JSON.stringify(answer.value), "utf8");
    response.writeHead(answer.status, {
      "content-type": "application/json; charset=utf-8",
      ...common,
      "content-length": body.length,
    });
    response.end(withBody ? body : undefined);
  } else if (answer.kind === "bytes") {
    response.writeHead(answer.status, { ...common, "content-length": answer.bytes.length });
    response.end(withBody ? answer.bytes : undefined);
  } else if (answer.kind === "empty") {
    response.writeHead(answer.status, { ...common, "content-length": 0 }).end();
  } else {
    response.writeHead(answer.status, common);
    if (withBody) await pipeline(answer.stream, response).catch(() => undefined);
    else {
      answer.stream.destroy();
      response.end();
    }
  }
}

/** The result of a write, for the ledger: the new object's id, a ref and its commit, or the resource's address. */
function resultOf(answer: Answer): string {
  if (answer.kind !== "json" || typeof answer.value !== "object" || answer.value === null) return "";
  const value = new Map<string, unknown>(Object.entries(answer.value));
  const object = value.get("object");
  if (typeof object === "object" && object !== null && "sha" in object)
    return `${String(value.get("ref"))} ${String(object.sha)}`;
  const named = [value.get("sha"), value.get("html_url"), value.get("id")].find(
    (part) => typeof part === "string" || typeof part === "number",
  );
  return named === undefined ? "" : String(named);
}

function faultAnswer(fault: Fault): Answer {
  return new ApiError(fault.status, "Fault set by a test", undefined, fault.headers).answer();
}

/** The REST API: authentication, rate limit, faults, handler, ledger. */
async function serveApi(
  context: ForgeContext,
  router: Router<ApiRoute>,
  request: IncomingMessage,
  url: URL,
): Promise<{ answer: Answer; headers: Headers }> {
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
  const path = url.pathname.slice(apiPrefix.length);
  let actor: Actor = { kind: "anonymous" };
  let headers: Headers = {};
  try {
    const body = await readBody(request);
    const fault = context.faults.take(method, path);
    if (fault !== undefined && fault.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault !== undefined && !fault.after) return { answer: faultAnswer(fault), headers };
    actor = authenticate(context, request.headers.authorization);
    const rate = context.rateLimits.state(actor, context.now(), path !== "/rate_limit");
    headers = rateHeaders(rate);
    if (rate.remaining === 0) throw new ApiError(403, "API rate limit exceeded");
    const matched = router.match(method, path);
    if (matched === undefined) throw notFound();
    const call: Call = {
      context,
      actor,
      parameters: matched.parameters,
      url: new URL(`${context.url}${url.pathname}${url.search}`),
      accept: request.headers.accept ?? "",
      authorization: request.headers.authorization ?? "",
      body,
    };
    const answer = await matched.handler.handle(call);
    if (matched.handler.isWrite && answer.status < 300)
      record(context, actor, method, path, matched.parameters, answer);
    return { answer: fault === undefined ? answer : faultAnswer(fault), headers };
  } catch (error) {
    if (error instanceof ApiError) return { answer: error.answer(), headers };
    console.error(`forge: ${method} ${path}:`, error);
    return { answer: new ApiError(500, "Server Error").answer(), headers };
  }
}

function fullNameOf(context: ForgeContext, parameters: Parameters): string | null {
  const found = repositoryOf({ context, parameters });
  return found === undefined ? null : `${found.owner}/${found.name}`;
}

function record(
  context: ForgeContext,
  actor: Actor,
  method: string,
  path: string,
  parameters: Parameters,
  answer: Answer,
): void {
  context.store.writes.append({
    atMs: context.now(),
    actor: actorName(actor),
    tokenId: actor.kind === "installation" || actor.kind === "user" ? actor.tokenId : "",
    method,
    path: decodeURI(path),
    repository: fullNameOf(context, parameters),
    status: answer.status,
    result: resultOf(answer),
  });
}

async function serveOauth(context: ForgeContext, request: IncomingMessage, url: URL): Promise<Answer> {
  if (url.pathname === "/login/oauth/authorize" && request.method === "GET") return showAuthorize(context, url);
  const body = await readBody(request, 64 * 1024);
  if (request.method !== "POST") return missingPage();
  if (url.pathname === "/login/oauth/authorize")
    return acceptAuthorize(context, new URLSearchParams(body.toString("utf8")), isOwnForm(request));
  if (url.pathname !== "/login/oauth/access_token") return missingPage();
  const { accept = "", authorization } = request.headers;
  return exchangeCode(context, { contentType: request.headers["content-type"] ?? "", accept, authorization, body });
}

async function route(
  context: ForgeContext,
  router: Router<ApiRoute>,
  request: IncomingMessage,
  url: URL,
): Promise<{ answer: Answer; headers: Headers }> {
  const path = url.pathname;
  if (path === apiPrefix || path.startsWith(`${apiPrefix}/`)) return serveApi(context, router, request, url);
  if (path.startsWith("/_forge/")) return { answer: await serveControl(context, request, url), headers: {} };
  if (path.startsWith("/login/oauth/")) return { answer: await serveOauth(context, request, url), headers: {} };
  if (path.startsWith("/_codeload/")) return { answer: serveArchive(context, url), headers: {} };
  if (path.startsWith("/_logs/")) return { answer: await serveLog(context, path.slice("/_logs/".length)), headers: {} };
  return { answer: await servePage(context, request, url), headers: {} };
}

/** Answers one HTTP request of any kind. */
export async function serve(
  context: ForgeContext,
  router: Router<ApiRoute>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers: Headers = {
    "x-github-request-id": randomBytes(8).toString("hex").toUpperCase(),
    "x-github-media-type": "github.v3; format=json",
  };
  try {
    const target = request.url ?? "/";
    if (!URL.canParse(target, "http://forge.invalid")) throw new ApiError(400, "Bad request");
    const url = new URL(target, "http://forge.invalid");
    if (!namesThisForge(request, context.url)) throw new ApiError(421, "This forge has another name.");
    const git = parseGitRequest(request.method ?? "GET", url);
    if (git !== undefined) return await serveGit(context, git, request, response);
    const { answer, headers: more } = await route(context, router, request, url);
    await send(response, answer, { ...headers, ...more }, request.method !== "HEAD");
  } catch (error) {
    const answer = error instanceof ApiError ? error.answer() : new ApiError(500, "Server Error").answer();
    if (!(error instanceof ApiError)) console.error("forge:", error);
    if (response.headersSent) response.destroy();
    else await send(response, answer, headers, true);
  }
}
