import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { retryAfter } from "../../../worker/adapters/llm/failure.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";
import { type ReplayServer, sse, startReplayServer } from "./replay-server.ts";

let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.close());

const json = { "content-type": "application/json" };
const anthropicBody = (type: string, message: string) =>
  JSON.stringify({ type: "error", error: { type, message }, request_id: "req_1" });
const openAiBody = (code: string | null, type: string, message: string) =>
  JSON.stringify({ error: { code, type, message, param: null } });

/** A machine that stops for a moment reaches neither. */
const farDeadlines = { idleMs: 20_000, totalMs: 25_000 };

const vendors = {
  anthropic: {
    make: (baseUrl: string, key = apiKey, deadlines = farDeadlines) =>
      createAnthropic({ apiKey: key, baseUrl, deadlines }),
    request: (signal?: AbortSignal) =>
      makeRequest({ provider: "anthropic", model: "claude-opus-5-5", ...(signal ? { signal } : {}) }),
    firstEvents: sse(
      { type: "message_start", message: { model: "m", usage: {} } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hel" } },
    ),
    lastEvents: sse(
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "lo" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: {} },
      { type: "message_stop" },
    ),
    beat: sse({ type: "ping" }),
  },
  openai: {
    make: (baseUrl: string, key = apiKey, deadlines = farDeadlines) =>
      createOpenAi({ apiKey: key, baseUrl: `${baseUrl}/v1`, deadlines }),
    request: (signal?: AbortSignal) =>
      makeRequest({ provider: "openai", model: "gpt-6.1-sol", ...(signal ? { signal } : {}) }),
    firstEvents: sse({ type: "response.output_text.delta", delta: "Hel" }),
    lastEvents: sse(
      { type: "response.output_text.delta", delta: "lo" },
      {
        type: "response.completed",
        response: { model: "m", output: [{ type: "message", content: [{ type: "output_text", text: "Hello" }] }] },
      },
    ),
    beat: sse({ type: "keepalive" }),
  },
};

test.each([
  [
    400,
    "invalid_request_error",
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.",
    "permanent",
    "stale_thinking",
  ],
  [401, "authentication_error", "invalid x-api-key", "permanent", "unauthorized"],
  [403, "permission_error", "no", "permanent", "unauthorized"],
  [402, "billing_error", "no", "permanent", "unauthorized"],
  [400, "invalid_request_error", "Your credit balance is too low to access the API.", "permanent", "unauthorized"],
  [404, "not_found_error", "model: claude-nope", "permanent", "not_found"],
  [400, "invalid_request_error", "max_tokens: required", "permanent", "bad_request"],
  [
    400,
    "invalid_request_error",
    "prompt is too long: 1000001 tokens > 1000000 maximum",
    "permanent",
    "context_too_long",
  ],
  [
    400,
    "invalid_request_error",
    "input length and `max_tokens` exceed context limit: 1 + 2 > 3",
    "permanent",
    "context_too_long",
  ],
  [413, "request_too_large", "Request exceeds the maximum size", "permanent", "context_too_long"],
  [429, "rate_limit_error", "slow", "transient", "rate_limited"],
  [500, "api_error", "oops", "transient", "server_error"],
  [504, "timeout_error", "slow", "transient", "timeout"],
  [529, "overloaded_error", "Overloaded", "transient", "overloaded"],
])("Anthropic's HTTP %i %s (%s) is %s %s", async (status, type, message, kind, code) => {
  server.answer({ status, headers: json, chunks: [anthropicBody(type, message)] });
  const error = await failureOf(vendors.anthropic.make(server.url).complete(vendors.anthropic.request()));
  expect([error.kind, error.code, error.status]).toEqual([kind, code, status]);
  expect(error.message).toContain(message.slice(0, 20));
});

test.each([
  [
    401,
    "invalid_api_key",
    "invalid_request_error",
    `Incorrect API key provided: ${apiKey}.`,
    "permanent",
    "unauthorized",
  ],
  [
    400,
    "invalid_encrypted_content",
    "invalid_request_error",
    "The encrypted content gAAA...Rg== could not be verified.",
    "permanent",
    "stale_thinking",
  ],
  [
    400,
    null,
    "invalid_request_error",
    "The encrypted content for item rs_1 could not be verified.",
    "permanent",
    "stale_thinking",
  ],
  [404, "model_not_found", "invalid_request_error", "The model does not exist", "permanent", "not_found"],
  [400, "model_not_found", "invalid_request_error", "The model does not exist", "permanent", "not_found"],
  [400, "context_length_exceeded", "invalid_request_error", "too many", "permanent", "context_too_long"],
  [
    400,
    null,
    "invalid_request_error",
    "Your input exceeds the context window of this model.",
    "permanent",
    "context_too_long",
  ],
  [400, null, "invalid_request_error", "Missing parameter", "permanent", "bad_request"],
  [429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota", "permanent", "unauthorized"],
  [429, "rate_limit_exceeded", "tokens", "Rate limit reached", "transient", "rate_limited"],
  [500, null, "server_error", "oops", "transient", "server_error"],
  [503, null, "service_unavailable", "The engine is overloaded", "transient", "overloaded"],
])("OpenAI's HTTP %i %s %s (%s) is %s %s", async (status, vendorCode, type, message, kind, code) => {
  server.answer({ status, headers: json, chunks: [openAiBody(vendorCode, type, message)] });
  const error = await failureOf(vendors.openai.make(server.url).complete(vendors.openai.request()));
  expect([error.kind, error.code, error.status]).toEqual([kind, code, status]);
});

describe.each(Object.entries(vendors))("%s", (_name, vendor) => {
  const complete = (signal?: AbortSignal) => vendor.make(server.url).complete(vendor.request(signal));

  test("a body that is no JSON is told apart by its status alone", async () => {
    server.answer({ status: 502, chunks: [`<html>Bad gateway ${apiKey}</html>`] });
    const error = await failureOf(complete());
    expect([error.kind, error.code, error.status]).toEqual(["transient", "server_error", 502]);
  });

  test.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "0.25" }, 250],
    [{ "retry-after": "60", "retry-after-ms": "1500" }, 1500],
    [{}, undefined],
    [{ "retry-after": "-3" }, undefined],
    [{ "retry-after": "soon" }, undefined],
  ])("429 with %j asks for %s ms", async (headers, expected) => {
    server.answer({ status: 429, headers: { ...json, ...headers }, chunks: ["{}"] });
    expect((await failureOf(complete())).retryAfterMs).toBe(expected);
  });

  test("retry-after as a date counts from now", async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    server.answer({ status: 429, headers: { ...json, "retry-after": date }, chunks: ["{}"] });
    const { retryAfterMs = -1 } = await failureOf(complete());
    expect(retryAfterMs).toBeGreaterThan(25_000);
    expect(retryAfterMs).toBeLessThanOrEqual(30_000);
  });

  test("it retries nothing by itself", async () => {
    const before = server.seen.length;
    server.answer({ status: 529, headers: { ...json, "x-should-retry": "true" }, chunks: ["{}"] });
    await failureOf(complete());
    expect(server.seen.length - before).toBe(1);
  });

  test("an abort in mid-stream rejects at once, with no delta after it, and hangs up on the vendor", async () => {
    const controller = new AbortController();
    server.answer({
      chunks: [vendor.firstEvents, ...Array.from({ length: 250 }, () => vendor.beat), vendor.lastEvents],
      gapMs: 40,
    });
    const request = vendor.request(controller.signal);
    const call = failureOf(vendor.make(server.url).complete(request));
    await expect.poll(() => request.deltas.length, { timeout: 5_000 }).toBe(1);
    const abortedAt = performance.now();
    controller.abort();
    const error = await call;
    expect([error.kind, error.code]).toEqual(["permanent", "aborted"]);
    // The stream would go on for ten seconds.
    expect(performance.now() - abortedAt).toBeLessThan(4_000);
    expect(request.deltas).toEqual([{ type: "text", text: "Hel" }]);
  });

  test("an abort before the answer's head, or before the call, rejects at once", async () => {
    const controller = new AbortController();
    const call = complete(controller.signal);
    controller.abort();
    expect((await failureOf(call)).code).toBe("aborted");
    const before = server.seen.length;
    expect((await failureOf(complete(AbortSignal.abort()))).code).toBe("aborted");
    expect(server.seen.length).toBe(before);
  });

  test("silence is a timeout; signs of life hold it off until the whole takes too long", async () => {
    const within = async (idleMs: number, totalMs: number): Promise<unknown> => {
      const call = vendor.make(server.url, apiKey, { idleMs, totalMs }).complete(vendor.request());
      const { code, kind, message } = await failureOf(call);
      return { code, kind, message };
    };
    server.answer({ chunks: [vendor.firstEvents], ending: "open" });
    const timeout = { kind: "transient", code: "timeout" };
    expect(await within(300, 20_000)).toEqual({ ...timeout, message: "The model sent nothing for 300 ms." });
    server.answer({ chunks: Array.from({ length: 100 }, () => vendor.beat), gapMs: 50, ending: "open" });
    expect(await within(1_000, 2_500)).toEqual({ ...timeout, message: "The model call took more than 2500 ms." });
  });

  test("a vendor that can't be reached is a transient server_error", async () => {
    const gone = createServer();
    const port = await new Promise<number>((resolve) => {
      gone.listen(0, "127.0.0.1", () => {
        const address = gone.address();
        gone.close(() => resolve(typeof address === "object" && address !== null ? address.port : 1));
      });
    });
    const error = await failureOf(vendor.make(`http://127.0.0.1:${port}`).complete(vendor.request()));
    expect([error.kind, error.code]).toEqual(["transient", "server_error"]);
  });

  test.each(["", "  ", `${apiKey}\n`, "schlüssel"])(
    "the key %j is refused without a call and without being shown",
    async (key) => {
      const before = server.seen.length;
      expect((await failureOf(vendor.make(server.url, key).complete(vendor.request()))).code).toBe("unauthorized");
      expect(server.seen.length).toBe(before);
    },
  );

  test("a watcher that aborts on the first delta sees no second one, though it has arrived", async () => {
    server.answer({ chunks: [vendor.firstEvents + vendor.lastEvents] });
    const controller = new AbortController();
    const seen: unknown[] = [];
    const onDelta = (delta: unknown) => {
      seen.push(delta);
      controller.abort();
    };
    expect(
      (await failureOf(vendor.make(server.url).complete({ ...vendor.request(controller.signal), onDelta }))).code,
    ).toBe("aborted");
    expect(seen).toEqual([{ type: "text", text: "Hel" }]);
  });

  test("a watcher that throws doesn't lose the turn", async () => {
    server.answer({ chunks: [vendor.firstEvents + vendor.lastEvents] });
    const onDelta = () => {
      throw new Error("watcher");
    };
    const turn = await vendor.make(server.url).complete({ ...vendor.request(), onDelta });
    expect(turn.blocks).toEqual([{ type: "text", text: "Hello" }]);
  });
});

test.each([
  ["try again in 20ms", 20],
  ["Please try again in 6m0s.", 360_000],
  ["try again in 1.5s", 1500],
  ["try again in 2m", 120_000],
  ["try again later", undefined],
])("%s names %s ms", (message, expected) => {
  expect(retryAfter({ message }, 0)).toBe(expected);
});

test("a date in the past asks for no delay", () => {
  const headers = new Headers({ "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" });
  expect(retryAfter({ headers, message: "" }, Date.now())).toBe(0);
});
