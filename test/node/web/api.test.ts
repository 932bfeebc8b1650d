import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiError, bodyOf, createApi, done } from "../../../web/lib/api.ts";

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { method: string | undefined; url: string | undefined; type: string | undefined; body: string }[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, type: request.headers["content-type"], body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client() {
  return createApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  answer = (_request, response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("the request succeeded");
}

const readRun = () => client().GET("/api/runs/{id}", { params: { path: { id: "7" } } });

describe("the API's client", () => {
  test("sends a path's names encoded, and a body as JSON", async () => {
    json(200, null);
    const params = { path: { id: "7", callId: "coder/1 #2" } };
    await bodyOf(client().GET("/api/runs/{id}/model-calls/{callId}", { params }));
    json(201, { messageId: "m" });
    const sent = client().POST("/api/runs/{id}/messages", { params: { path: { id: "7" } }, body: { text: "Go on." } });
    expect(await bodyOf(sent)).toEqual({ messageId: "m" });
    expect(seen).toEqual([
      { method: "GET", url: "/api/runs/7/model-calls/coder%2F1%20%232", type: undefined, body: "" },
      { method: "POST", url: "/api/runs/7/messages", type: "application/json", body: '{"text":"Go on."}' },
    ]);
  });

  test("an answer without a body is success", async () => {
    answer = (_request, response) => response.writeHead(204).end();
    await done(client().DELETE("/api/models/{id}", { params: { path: { id: "m" } } }));
    expect(seen[0]).toMatchObject({ method: "DELETE", url: "/api/models/m" });
  });

  test("problem JSON becomes an error with its code, words, issues and request id", async () => {
    json(400, {
      type: "about:blank",
      title: "The request is invalid",
      status: 400,
      code: "invalid_request",
      detail: "text: Say something.",
      requestId: "req-1",
      issues: [{ path: "limits.costMicros", message: "Too much." }],
    });
    const error = await failureOf(bodyOf(readRun()));
    expect(error).toMatchObject({
      code: "invalid_request",
      status: 400,
      title: "The request is invalid",
      message: "text: Say something.",
      requestId: "req-1",
    });
    expect(error.issueAt("limits")).toBe("Too much.");
    expect(error.issueAt("limit")).toBeNull();
  });

  test("an answer that explains nothing still has a status, a sentence and the request id of its header", async () => {
    answer = (_request, response) => response.writeHead(502, { "x-request-id": "req-2" }).end("<html>bad gateway");
    const error = await failureOf(done(readRun()));
    expect(error).toMatchObject({ code: "unreadable", status: 502, title: "The server failed", requestId: "req-2" });
  });

  test("an answer that says when to try again, in seconds or as a date, keeps that moment", async () => {
    const problem = { title: "Too many requests", code: "rate_limited", detail: "Wait." };
    const before = Date.now();
    json(429, problem, { "retry-after": "60" });
    const { retryAtMs } = await failureOf(done(readRun()));
    expect(retryAtMs).toBeGreaterThanOrEqual(before + 60_000);
    expect(retryAtMs).toBeLessThanOrEqual(Date.now() + 60_000);
    json(503, problem, { "retry-after": "Fri, 31 Dec 2100 23:59:59 GMT" });
    expect(await failureOf(done(readRun()))).toMatchObject({ retryAtMs: Date.UTC(2100, 11, 31, 23, 59, 59) });
    json(503, problem, { "retry-after": "soon" });
    expect(await failureOf(done(readRun()))).toMatchObject({ retryAtMs: null });
    json(429, problem);
    expect(await failureOf(done(readRun()))).toMatchObject({ retryAtMs: null });
  });

  test("a body that is cut off or empty is said to be unreadable", async () => {
    answer = (_request, response) => response.writeHead(200).end('{"id":"7","ti');
    expect(await failureOf(bodyOf(readRun()))).toMatchObject({ code: "unreadable" });
    answer = (_request, response) => response.writeHead(200).end();
    expect(await failureOf(bodyOf(readRun()))).toMatchObject({ code: "unreadable" });
  });

  test("a server that can't be reached is offline; an aborted request stays an abort", async () => {
    answer = (request) => void request.socket.destroy();
    expect(await failureOf(bodyOf(readRun()))).toMatchObject({ code: "offline", status: 0 });
    const stop = new AbortController();
    answer = () => stop.abort();
    const call = client().GET("/api/runs/{id}", { params: { path: { id: "7" } }, signal: stop.signal });
    await expect(bodyOf(call)).rejects.toMatchObject({ name: "AbortError" });
  });
});
