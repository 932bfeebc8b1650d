import { afterAll, beforeAll, expect, test } from "vitest";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import type { LlmRequest } from "../../../worker/ports/llm.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";
import { type ReplayServer, inPieces, sse, startReplayServer } from "./replay-server.ts";

let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.close());

const model = "claude-opus-5-5";
const call = (request: LlmRequest) => createAnthropic({ apiKey, baseUrl: server.url }).complete(request);
const request = (parts: Partial<LlmRequest> = {}) => makeRequest({ provider: "anthropic", model, ...parts });

const usage = { input_tokens: 12, cache_read_input_tokens: 300, cache_creation_input_tokens: 40, output_tokens: 1 };
const start = { type: "message_start", message: { id: "msg_1", model: "claude-opus-5-5-x", role: "assistant", usage } };
const ping = { type: "ping" };
const stop = (reason: string, counts: object = { output_tokens: 55 }) => [
  { type: "message_delta", delta: { stop_reason: reason }, usage: counts },
  { type: "message_stop" },
];
const open = (index: number, content_block: object) => ({ type: "content_block_start", index, content_block });
const delta = (index: number, part: object) => ({ type: "content_block_delta", index, delta: part });
const close = (index: number) => ({ type: "content_block_stop", index });
const toolUse = (index: number, id: string, ...json: string[]) => [
  open(index, { type: "tool_use", id, name: "read_file", input: {} }),
  ...json.map((partial_json) => delta(index, { type: "input_json_delta", partial_json })),
  close(index),
];
const text = (index: number, ...pieces: string[]) => [
  open(index, { type: "text", text: "" }),
  ...pieces.map((piece) => delta(index, { type: "text_delta", text: piece })),
  close(index),
];

test("a whole turn: thinking with its signature, text, two tool calls, usage, request id, deltas in order", async () => {
  server.answer({
    headers: { "request-id": "req_abc" },
    chunks: [
      sse(
        start,
        ping,
        open(0, { type: "thinking", thinking: "", signature: "" }),
        delta(0, { type: "thinking_delta", thinking: "Let me " }),
        delta(0, { type: "thinking_delta", thinking: "see." }),
        delta(0, { type: "signature_delta", signature: "c2ln" }),
        close(0),
        open(1, { type: "redacted_thinking", data: "b3BhcXVl" }),
        close(1),
        ...text(2, "Reading ", "two files."),
        ...toolUse(3, "toolu_1", '{"path": "a', '.md"}'),
        ...toolUse(4, "toolu_2", '{"path":"b.md","limit":3}'),
        ...stop("tool_use"),
      ),
    ],
  });
  const asked = request();
  expect(await call(asked)).toEqual({
    blocks: [
      {
        type: "thinking",
        text: "Let me see.",
        opaque: { type: "thinking", thinking: "Let me see.", signature: "c2ln" },
      },
      { type: "thinking", text: "", opaque: { type: "redacted_thinking", data: "b3BhcXVl" } },
      { type: "text", text: "Reading two files." },
      { type: "tool_use", id: "toolu_1", name: "read_file", input: { path: "a.md" } },
      { type: "tool_use", id: "toolu_2", name: "read_file", input: { path: "b.md", limit: 3 } },
    ],
    stopReason: "tool_use",
    usage: { inputTokens: 12, cacheReadTokens: 300, cacheWriteTokens: 40, outputTokens: 55 },
    model: "claude-opus-5-5-x",
    vendorRequestId: "req_abc",
  });
  expect(asked.deltas).toEqual([
    { type: "thinking", text: "Let me " },
    { type: "thinking", text: "see." },
    { type: "text", text: "Reading " },
    { type: "text", text: "two files." },
    { type: "tool_use_start", id: "toolu_1", name: "read_file" },
    { type: "tool_use_start", id: "toolu_2", name: "read_file" },
  ]);
});

test.each([2, 5, 7])("chunks of %i bytes, which split characters and lines, make the same turn", async (size) => {
  const said = "Grüße, 世界 🍋 done";
  server.answer({ chunks: inPieces(sse(start, ...text(0, said), ...stop("end_turn")).replaceAll("\n", "\r\n"), size) });
  expect((await call(request())).blocks).toEqual([{ type: "text", text: said }]);
});

test("unknown events, blocks and deltas are passed over", async () => {
  server.answer({
    chunks: [
      ": a comment\n\nevent: weather\ndata: not json\n\n",
      sse(
        { type: "brand_new_event", index: 0 },
        start,
        open(0, { type: "hologram", data: 1 }),
        delta(0, { type: "hologram_delta", data: 2 }),
        close(0),
        open(1, { type: "text", text: "" }),
        delta(1, { type: "sparkle_delta", text: "no" }),
        delta(1, { type: "text_delta", text: "yes" }),
        close(1),
        ...stop("some_future_reason"),
      ),
    ],
  });
  const turn = await call(request());
  expect(turn.blocks).toEqual([{ type: "text", text: "yes" }]);
  expect(turn.stopReason).toBe("other");
});

test.each([
  ["the connection drops in a tool call", "cut" as const],
  ["the body ends in a tool call", "end" as const],
])("%s: stream_cut, and no part of it counts", async (_name, ending) => {
  const whole = sse(start, ...text(0, "Hm."), ...toolUse(1, "toolu_1", '{"path":"a', '.md"}'));
  server.answer({ chunks: [whole.slice(0, whole.indexOf(".md") - 3)], ending });
  const error = await failureOf(call(request()));
  expect([error.kind, error.code]).toEqual(["transient", "stream_cut"]);
});

test("all blocks but no message_stop, and a stop within a block, are cut streams too", async () => {
  server.answer({ chunks: [sse(start, ...text(0, "All said."))] });
  expect((await failureOf(call(request()))).code).toBe("stream_cut");
  server.answer({ chunks: [sse(start, ...text(0, "All said."), ...stop("end_turn").slice(0, 1))] });
  expect((await failureOf(call(request()))).code).toBe("stream_cut");
  server.answer({ chunks: [sse(start, open(0, { type: "text", text: "a" }), ...stop("end_turn"))] });
  expect((await failureOf(call(request()))).code).toBe("stream_cut");
  server.answer({ chunks: [sse({ type: "message_stop" })] });
  expect((await failureOf(call(request()))).code).toBe("stream_cut");
});

test("an event of the answer that is no JSON, or can't follow the one before, is a cut stream", async () => {
  const whole = [start, ...toolUse(0, "toolu_1", '{"path":"a"}'), ...stop("tool_use")];
  const broken: readonly (readonly string[])[] = [
    [sse(start), 'event: content_block_delta\ndata: {"type":"content_bl\n\n', sse(...whole.slice(1))],
    [sse(start), "data: {{\n\n", sse(...whole.slice(1))],
    [sse(start, start, ...whole.slice(1))],
    [sse(start, open(0, { type: "text", text: "" }), ...whole.slice(1))],
    [sse(...whole.slice(0, -2), delta(0, { type: "input_json_delta", partial_json: "}" }), ...whole.slice(-2))],
    [sse(start, ...text(0, "Hi"), ...toolUse(2, "toolu_1").slice(1), ...stop("tool_use"))],
  ];
  for (const chunks of broken) {
    server.answer({ chunks });
    expect((await failureOf(call(request()))).code).toBe("stream_cut");
  }
});

test.each(["overloaded_error", "rate_limit_error", "api_error"])(
  "an error event %s without its name is that error",
  async (type) => {
    const data = JSON.stringify({ type: "error", error: { type, message: "Busy" } });
    server.answer({ chunks: [sse(start), `data: ${data}\n\n`], ending: "open" });
    const { code, kind } = await failureOf(call(request()));
    expect([kind, code]).toEqual([
      "transient",
      { overloaded_error: "overloaded", rate_limit_error: "rate_limited", api_error: "server_error" }[type],
    ]);
  },
);

test("an answer that is cut at its token limit keeps what is whole; the call that it was cut in is marked, whole or not", async () => {
  const openCall = toolUse(1, "toolu_2", '{"path":"b').slice(0, -1);
  server.answer({ chunks: [sse(start, ...text(0, "So."), ...openCall, ...stop("max_tokens"))] });
  expect(await call(request())).toMatchObject({
    stopReason: "max_tokens",
    blocks: [
      { type: "text", text: "So." },
      { type: "tool_use", id: "toolu_2", name: "read_file", input: {}, invalidJson: '{"path":"b', fault: "cut" },
    ],
    usage: { outputTokens: 55 },
  });
  server.answer({
    chunks: [sse(start, ...toolUse(0, "toolu_1", '{"path":"a"}'), ...toolUse(1, "toolu_2"), ...stop("max_tokens"))],
  });
  expect((await call(request())).blocks).toEqual([
    { type: "tool_use", id: "toolu_1", name: "read_file", input: { path: "a" } },
    { type: "tool_use", id: "toolu_2", name: "read_file", input: {}, fault: "cut" },
  ]);
  const thought = open(0, { type: "thinking", thinking: "Hm", signature: "" });
  server.answer({ chunks: [sse(start, thought, ...stop("max_tokens"))] });
  expect((await call(request())).blocks).toEqual([{ type: "thinking", text: "Hm" }]);
});

test("a refusal has the vendor's words, also when it came inside a block", async () => {
  const refused = {
    type: "message_delta",
    delta: {
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: "cyber", explanation: "It could harm." },
    },
    usage: { output_tokens: 5 },
  };
  server.answer({ chunks: [sse(start, open(0, { type: "text", text: "We" }), refused, { type: "message_stop" })] });
  expect(await call(request())).toMatchObject({ stopReason: "refusal", stopDetail: "cyber: It could harm." });
});

test("blocks of the vendor's own tools are kept whole, and a call without name or id is still a call", async () => {
  const result = { type: "web_search_tool_result", tool_use_id: "srv_1", content: [] };
  server.answer({
    chunks: [
      sse(
        start,
        open(0, { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} }),
        delta(0, { type: "input_json_delta", partial_json: '{"query":"x"}' }),
        close(0),
        open(1, result),
        close(1),
        open(2, { type: "tool_use", input: {} }),
        close(2),
        ...stop("tool_use"),
      ),
    ],
  });
  expect((await call(request())).blocks).toEqual([
    {
      type: "vendor",
      opaque: { type: "server_tool_use", id: "srv_1", name: "web_search", input: { query: "x" } },
    },
    { type: "vendor", opaque: result },
    { type: "tool_use", id: "", name: "", input: {} },
  ]);
});

test("arguments that don't parse in a whole turn are kept as text; none at all are an empty object", async () => {
  server.answer({
    chunks: [sse(start, ...toolUse(0, "toolu_1", '{"path": "a.md", '), ...toolUse(1, "toolu_2"), ...stop("tool_use"))],
  });
  expect((await call(request())).blocks).toEqual([
    { type: "tool_use", id: "toolu_1", name: "read_file", input: {}, invalidJson: '{"path": "a.md", ' },
    { type: "tool_use", id: "toolu_2", name: "read_file", input: {} },
  ]);
});

test.each([
  ["end_turn", "end_turn"],
  ["stop_sequence", "end_turn"],
  ["max_tokens", "max_tokens"],
  ["model_context_window_exceeded", "max_tokens"],
  ["refusal", "refusal"],
  ["pause_turn", "other"],
])("stop reason %s is %s", async (reason, expected) => {
  server.answer({ chunks: [sse(start, ...text(0, "x"), ...stop(reason))] });
  expect((await call(request())).stopReason).toBe(expected);
});

test("counts that are negative, fractions, strings or missing are unknown, not zero", async () => {
  const odd = { ...start, message: { ...start.message, usage: { input_tokens: -5, cache_read_input_tokens: "7" } } };
  server.answer({ chunks: [sse(odd, ...text(0, "x"), ...stop("end_turn", { output_tokens: 1.5 }))] });
  expect((await call(request())).usage).toEqual({
    inputTokens: undefined,
    cacheReadTokens: undefined,
    cacheWriteTokens: undefined,
    outputTokens: undefined,
  });
  // The count in message_start is of the first token alone.
  server.answer({ chunks: [sse(start, ...text(0, "x"), ...stop("end_turn", {}))] });
  expect((await call(request())).usage).toMatchObject({ inputTokens: 12, outputTokens: undefined });
  server.answer({
    chunks: [
      sse(
        start,
        ...text(0, "x"),
        ...stop("end_turn", { input_tokens: 20, output_tokens: 0, cache_read_input_tokens: -1 }),
      ),
    ],
  });
  expect((await call(request())).usage).toEqual({
    inputTokens: 20,
    cacheReadTokens: undefined,
    cacheWriteTokens: 40,
    outputTokens: 0,
  });
});

test.each([
  ["overloaded_error", "transient", "overloaded"],
  ["rate_limit_error", "transient", "rate_limited"],
  ["api_error", "transient", "server_error"],
  ["timeout_error", "transient", "timeout"],
  ["invalid_request_error", "permanent", "bad_request"],
  ["an_error_of_tomorrow", "transient", "server_error"],
])("an error event in mid-stream of type %s is %s %s", async (type, kind, code) => {
  server.answer({
    chunks: [sse(start, ...text(0, "Hello"), { type: "error", error: { type, message: `No: ${apiKey}` } })],
    ending: "open",
  });
  const error = await failureOf(call(request()));
  expect([error.kind, error.code, error.status]).toEqual([kind, code, undefined]);
});
