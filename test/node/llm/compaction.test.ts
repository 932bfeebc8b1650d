import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { buildCompactionRequest, buildMessagesRequest } from "../../../worker/adapters/anthropic/request.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import type { LlmBlock, LlmMessage } from "../../../worker/ports/llm.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";
import { type ReplayServer, startReplayServer } from "./replay-server.ts";

let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.close());

const json = { "content-type": "application/json", "request-id": "req_1", "x-request-id": "req_1" };
const messages: readonly LlmMessage[] = [
  { role: "user", blocks: [{ type: "text", text: "Read the readme." }] },
  { role: "assistant", blocks: [{ type: "tool_use", id: "t1", name: "read_file", input: { path: "a" } }] },
  { role: "user", blocks: [{ type: "tool_result", toolUseId: "t1", content: "# Hi", isError: false }] },
];
const withSummary = (block: LlmBlock): readonly LlmMessage[] => [
  { role: "assistant", blocks: [block] },
  { role: "user", blocks: [{ type: "text", text: "Go on." }] },
];
const body = z.record(z.string(), z.unknown());

describe("Claude", () => {
  const request = (asked = messages) =>
    makeRequest({ provider: "anthropic", model: "claude-opus-5-5", messages: asked });
  const make = (idleMs = 20_000) =>
    createAnthropic({ apiKey, baseUrl: server.url, deadlines: { idleMs, totalMs: 25_000 } });
  // Keys in an order, and one of a later API version, that must come back as they are.
  const block = {
    type: "compaction",
    content: "It reads.",
    encrypted_content: null,
    signature: "EqQB",
    tool_changes: [],
    later: { b: 1, a: 2 },
  };
  const answer = (content: unknown, usage: object, stop_reason = "compaction") =>
    JSON.stringify({
      type: "message",
      role: "assistant",
      model: "claude-opus-5-5",
      content: [content],
      stop_reason,
      usage,
    });
  const counts = { input_tokens: 10, cache_read_input_tokens: 90, cache_creation_input_tokens: 0, output_tokens: 7 };

  test("the summary is requested on the turn's own prefix, and is sent back unchanged", async () => {
    server.answer({ headers: json, chunks: [answer(block, counts)] });
    const compaction = await make().compact?.(request());
    const seen = server.seen.at(-1);
    expect(seen?.headers["anthropic-beta"]).toBe("compact-2026-09-04");
    const { compaction: asked, stream, ...rest } = body.parse(JSON.parse(seen?.text ?? ""));
    expect([asked, stream]).toEqual([{ type: "summarize" }, false]);
    const { stream: _streams, ...turn } = body.parse(JSON.parse(JSON.stringify(buildMessagesRequest(request()))));
    expect(rest).toEqual(turn);
    expect(compaction).toMatchObject({ keepsUserMessages: false, model: "claude-opus-5-5", vendorRequestId: "req_1" });
    expect(compaction?.usage).toEqual({ inputTokens: 10, cacheReadTokens: 90, cacheWriteTokens: 0, outputTokens: 7 });
    // Through the journal, which keeps JSON.
    const kept: LlmBlock = JSON.parse(JSON.stringify(compaction?.block));
    server.answer({ status: 529, headers: json, chunks: ["{}"] });
    await failureOf(make().complete(request(withSummary(kept))));
    const next = server.seen.at(-1);
    expect(next?.text).toContain(`"messages":[{"role":"assistant","content":[${JSON.stringify(block)}]}`);
    expect(next?.headers["anthropic-beta"]).toBe("compact-2026-09-04");
  });

  test("tokens that are counted by step are all of them", async () => {
    const steps = [
      { type: "compaction", ...counts },
      { type: "message", ...counts },
    ];
    server.answer({ headers: json, chunks: [answer(block, { ...counts, input_tokens: 0, iterations: steps })] });
    const { usage } = (await make().compact?.(request())) ?? {};
    expect(usage).toEqual({ inputTokens: 20, cacheReadTokens: 180, cacheWriteTokens: 0, outputTokens: 14 });
    server.answer({ headers: json, chunks: [answer(block, { iterations: [{ ...counts, output_tokens: -1 }] })] });
    expect((await make().compact?.(request()))?.usage.outputTokens).toBeUndefined();
  });

  test.each([
    ["null", { ...block, content: null }],
    ["empty", { ...block, content: " " }],
    ["text in its place", { type: "text", text: "Sure!" }],
  ])("a summary that is %s is none", async (_what, content) => {
    server.answer({ headers: json, chunks: [answer(content, counts)] });
    expect(await failureOf(make().compact?.(request()) ?? Promise.resolve())).toMatchObject({
      kind: "permanent",
      code: "no_summary",
    });
  });

  test("half an answer is a cut; an overload may be tried again; silence is waited out", async () => {
    const fail = () => failureOf(make().compact?.(request()) ?? Promise.resolve());
    server.answer({ headers: json, chunks: [answer(block, counts).slice(0, 80)], ending: "cut" });
    expect(await fail()).toMatchObject({ kind: "transient", code: "stream_cut" });
    server.answer({ headers: json, chunks: [answer(block, counts).slice(0, 80)] });
    expect(await fail()).toMatchObject({ kind: "transient", code: "stream_cut" });
    server.answer({
      status: 529,
      headers: { ...json, "retry-after": "4" },
      chunks: ['{"error":{"type":"overloaded_error"}}'],
    });
    expect(await fail()).toMatchObject({ kind: "transient", code: "overloaded", retryAfterMs: 4000 });
    server.answer({ headers: json, chunks: ["", answer(block, counts)], gapMs: 200 });
    expect((await make(50).compact?.(request()))?.block.text).toBe("It reads.");
  });

  test("context editing and a summary never go in one request", () => {
    const asked = { ...request(), clearedToolResults: 3 };
    expect(buildMessagesRequest(asked)).toHaveProperty("context_management");
    expect(buildCompactionRequest(asked)).not.toHaveProperty("context_management");
  });

  test("another vendor's summary is sent as text", () => {
    const foreign: LlmBlock = { type: "compaction", text: "It reads.", opaque: [{ type: "compaction" }] };
    expect(buildMessagesRequest(request(withSummary(foreign))).messages[0]?.content).toEqual([
      { type: "text", text: "It reads." },
    ]);
  });
});

describe("Codex", () => {
  const request = (asked = messages) => makeRequest({ provider: "openai", model: "gpt-6.1-sol", messages: asked });
  const make = () =>
    createOpenAi({ apiKey, baseUrl: `${server.url}/v1`, deadlines: { idleMs: 20_000, totalMs: 25_000 } });
  const output = [
    {
      id: "msg_1",
      type: "message",
      role: "user",
      status: "completed",
      content: [{ type: "input_text", text: "Read the readme." }],
    },
    { type: "compaction", encrypted_content: "gAAAA", id: "cmp_1" },
  ];
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 107,
  };
  const answer = (items: unknown) =>
    JSON.stringify({ id: "resp_1", object: "response.compaction", created_at: 1, output: items, usage });

  test("the window is compacted, nothing stored, and is sent back unchanged", async () => {
    server.answer({ headers: json, chunks: [answer(output)] });
    const compaction = await make().compact?.(request());
    expect(server.seen.at(-1)?.path).toBe("/v1/responses/compact");
    expect(body.parse(JSON.parse(server.seen.at(-1)?.text ?? ""))).toEqual({
      model: "gpt-6.1-sol",
      prompt_cache_key: "run-7",
      instructions: "You are a coder.",
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "Read the readme." }] },
        { type: "function_call", call_id: "t1", name: "read_file", arguments: '{"path":"a"}' },
        { type: "function_call_output", call_id: "t1", output: "# Hi" },
      ],
    });
    expect(compaction?.keepsUserMessages).toBe(true);
    expect(compaction?.usage).toEqual({ inputTokens: 40, cacheReadTokens: 60, cacheWriteTokens: 0, outputTokens: 7 });
    const kept: LlmBlock = JSON.parse(JSON.stringify(compaction?.block));
    server.answer({ status: 503, headers: json, chunks: ["{}"] });
    await failureOf(make().complete(request(withSummary(kept))));
    const text = server.seen.at(-1)?.text ?? "";
    expect(text).toContain(`"input":[${JSON.stringify(output).slice(1, -1)},`);
    expect(body.parse(JSON.parse(text))["store"]).toBe(false);
  });

  test("an output without its compaction item is no summary, an unknown path neither", async () => {
    const fail = () => failureOf(make().compact?.(request()) ?? Promise.resolve());
    server.answer({ headers: json, chunks: [answer(output.slice(0, 1))] });
    expect(await fail()).toMatchObject({ kind: "permanent", code: "no_summary" });
    server.answer({ status: 404, headers: json, chunks: ["{}"] });
    expect(await fail()).toMatchObject({ kind: "permanent", code: "not_found" });
    server.answer({ status: 429, headers: { ...json, "retry-after": "9" }, chunks: ["{}"] });
    expect(await fail()).toMatchObject({ kind: "transient", code: "rate_limited", retryAfterMs: 9000 });
  });
});
