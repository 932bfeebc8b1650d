import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerControl } from "./control/routes.ts";
import type { Controls } from "./control/routes.ts";
import { answerCompact } from "./endpoints/compact.ts";
import { answerMessages } from "./endpoints/messages.ts";
import { answerResponses } from "./endpoints/responses.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { readApiKey, readJson } from "./endpoints/read.ts";
import type { Provider } from "./wire/conversation.ts";
import { WireError, errorBody } from "./wire/errors.ts";
import { modelInfo, modelList } from "./wire/model-list.ts";
import { writeEvents } from "./wire/sse.ts";

export interface ServerOptions {
  readonly controls: Controls;
  readonly deltaDelayMs: number;
  readonly now: () => number;
}

/** The HTTP server for both wires and the test controls; not yet listening. */
export function createModelServer(options: ServerOptions): Server {
  return createServer((request, response) => {
    void handle(options, request, response);
  });
}

async function handle(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const method = request.method ?? "GET";
  const provider = providerOf(request, path);
  const requestId = provider === "anthropic" ? `req_${randomUUID().replaceAll("-", "")}` : `req_${randomUUID()}`;
  response.setHeader(provider === "anthropic" ? "request-id" : "x-request-id", requestId);
  try {
    await route(options, request, response, { path, method, provider, requestId });
  } catch (error) {
    const refusal = error instanceof WireError ? error : new WireError(500, "server_error", "Internal server error");
    if (refusal !== error) console.error("local model:", error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (refusal.retryAfterSeconds !== undefined) response.setHeader("retry-after", String(refusal.retryAfterSeconds));
    sendJson(response, refusal.status, errorBody(provider, refusal, requestId));
  }
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly provider: Provider;
  readonly requestId: string;
}

async function route(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  at: Route,
): Promise<void> {
  if (at.path === "/_model" || at.path.startsWith("/_model/")) {
    // A page in a browser on this machine could reach these otherwise.
    if (request.headers.origin !== undefined) throw new WireError(403, "bad_request", "Not for browsers.");
    const body = at.method === "POST" ? await readJson(request) : undefined;
    sendJson(response, 200, answerControl(options.controls, at.method, at.path, body));
    return;
  }
  if (at.method === "GET" && (at.path === "/" || at.path === "/health")) {
    sendJson(response, 200, { ok: true, what: "offline demo agent, no model" });
    return;
  }
  const apiKey = readApiKey(request.headers, at.provider);
  if (at.method === "GET" && at.path === "/v1/models") {
    sendJson(response, 200, modelList(at.provider));
    return;
  }
  const model = /^\/v1\/models\/([^/]+)$/u.exec(at.path)?.[1];
  if (at.method === "GET" && model !== undefined) {
    sendJson(response, 200, modelInfo(at.provider, decodeURIComponent(model)));
    return;
  }
  const endpoint = at.method === "POST" ? endpoints[at.path] : undefined;
  if (endpoint === undefined) throw new WireError(404, "not_found", `Not found: ${at.method} ${at.path}`);
  await callModel(options, request, response, { ...at, endpoint, apiKey });
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  "/v1/messages": answerMessages,
  "/v1/responses": answerResponses,
  "/v1/responses/compact": answerCompact,
};

async function callModel(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  call: Route & { readonly endpoint: Endpoint; readonly apiKey: string },
): Promise<void> {
  const { controls, now } = options;
  const at = now();
  const base = { id: call.requestId, provider: call.provider, at };
  const nothing = {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    toolCalls: [],
    scripted: false,
  };
  let images = 0;
  let model = "";
  let stream = false;
  try {
    const prepared = call.endpoint(await readJson(request), {
      controls,
      apiKey: call.apiKey,
      headers: request.headers,
      atMs: at,
    });
    ({ images, model, stream } = prepared);
    const fault = prepared.takeFault();
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    const refusal = faultRefusal(call.provider, fault?.kind, fault?.retryAfterSeconds);
    if (refusal !== undefined) {
      controls.calls.add({
        ...base,
        ...nothing,
        model,
        stream,
        images,
        status: refusal.status,
        outcome: "refused",
        fault: fault?.kind ?? "",
      });
      throw new Recorded(refusal);
    }
    const answer = prepared.answer(fault);
    const { usage } = answer;
    const record = {
      ...base,
      ...usage,
      model,
      stream,
      images,
      status: 200,
      toolCalls: answer.toolCalls,
      scripted: answer.scripted,
    };
    const outcome = stream
      ? await writeEvents(response, answer.events(), {
          deltaDelayMs: options.deltaDelayMs,
          cutAfter: fault?.kind === "cut" ? Math.max(3, Math.floor(answer.events().length / 2)) : undefined,
        })
      : sendOrCut(response, answer.body(), fault?.kind === "cut");
    controls.calls.add({ ...record, outcome, ...(fault === undefined ? {} : { fault: fault.kind }) });
  } catch (error) {
    if (error instanceof Recorded) throw error.refusal;
    const status = error instanceof WireError ? error.status : 500;
    controls.calls.add({ ...base, ...nothing, model, stream, images, status, outcome: "refused" });
    throw error;
  }
}

/** A refusal that the ledger holds already. */
class Recorded extends Error {
  readonly refusal: WireError;
  constructor(refusal: WireError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function faultRefusal(
  provider: Provider,
  kind: string | undefined,
  retryAfterSeconds: number | undefined,
): WireError | undefined {
  const detail = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  if (kind === "429")
    return new WireError(429, "rate_limited", "Number of requests has exceeded your rate limit.", detail);
  if (kind === "529") return new WireError(provider === "anthropic" ? 529 : 503, "overloaded", "Overloaded", detail);
  if (kind === "500") return new WireError(500, "server_error", "Internal server error", detail);
  return undefined;
}

function sendOrCut(response: ServerResponse, body: object, cut: boolean): "sent" | "cut" {
  if (!cut) {
    sendJson(response, 200, body);
    return "sent";
  }
  const text = JSON.stringify(body);
  response.writeHead(200, { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
  return "cut";
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function providerOf(request: IncomingMessage, path: string): Provider {
  if (path === "/v1/messages") return "anthropic";
  if (path.startsWith("/v1/responses")) return "openai";
  return request.headers["x-api-key"] !== undefined || request.headers["anthropic-version"] !== undefined
    ? "anthropic"
    : "openai";
}
