import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import type { LlmRequest } from "../../../worker/ports/llm.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";
import { type ReplayServer, inPieces, sse, startReplayServer } from "./replay-server.ts";

let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.close());

const model = "gpt-6.1-sol";
const call = (request: LlmRequest) => createOpenAi({ apiKey, baseUrl: `${server.url}/v1` }).complete(request);
const request = (parts: Partial<LlmRequest> = {}) => makeRequest({ provider: "openai", model, ...parts });

const created = { type: "response.created", response: { id: "resp_1", status: "in_progress", model, output: [] } };
const usage = {
  input_tokens: 1000,
  input_tokens_details: { cached_tokens: 600, cache_write_tokens: 300 },
  output_tokens: 70,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 1070,
};
const completed = (output: readonly object[] = [], counts: object | null = usage) => ({
  type: "response.completed",
  response: { id: "resp_1", status: "completed", model: `${model}-2026-09-29`, output, usage: counts },
});
const added = (output_index: number, item: object) => ({ type: "response.output_item.added", output_index, item });
const done = (output_index: number, item: object) => ({ type: "response.output_item.done", output_index, item });
const reasoning = {
  type: "reasoning",
  id: "rs_1",
  summary: [
    { type: "summary_text", text: "First." },
    { type: "summary_text", text: "Second." },
  ],
  encrypted_content: "Z2VoZWlt",
};
const message = (...texts: string[]) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: texts.map((text) => ({ type: "output_text", text, annotations: [] })),
});
const functionCall = (call_id: string, args: string, status = "completed") => ({
  type: "function_call",
  id: `fc_${call_id}`,
  call_id,
  name: "read_file",
  arguments: args,
  status,
});
const said = (output_index: number, delta: string) => ({ type: "response.output_text.delta", output_index, delta });

test("a whole turn: reasoning kept as it came, text, two calls, usage without cached tokens, request id, deltas", async () => {
  server.answer({
    headers: { "x-request-id": "req_xyz" },
    chunks: [
      sse(
        created,
        added(0, { ...reasoning, summary: [], encrypted_content: "partial" }),
        { type: "response.reasoning_summary_part.added", summary_index: 0 },
        { type: "response.reasoning_summary_text.delta", summary_index: 0, delta: "First." },
        { type: "response.reasoning_summary_part.added", summary_index: 1 },
        { type: "response.reasoning_summary_text.delta", summary_index: 1, delta: "Second." },
        done(0, reasoning),
        added(1, { ...message(), status: "in_progress" }),
        said(1, "Reading "),
        said(1, "two files."),
        done(1, message("Reading two files.")),
        added(2, functionCall("call_a", "", "in_progress")),
        { type: "response.function_call_arguments.delta", output_index: 2, delta: '{"path":' },
        done(2, functionCall("call_a", '{"path":"a.md"}')),
        added(3, functionCall("call_b", "", "in_progress")),
        done(3, functionCall("call_b", '{"path":"b.md"}')),
        completed(),
      ),
    ],
  });
  const asked = request();
  expect(await call(asked)).toEqual({
    blocks: [
      { type: "thinking", text: "First.\n\nSecond.", opaque: reasoning },
      { type: "text", text: "Reading two files." },
      { type: "tool_use", id: "call_a", name: "read_file", input: { path: "a.md" } },
      { type: "tool_use", id: "call_b", name: "read_file", input: { path: "b.md" } },
    ],
    stopReason: "tool_use",
    usage: { inputTokens: 100, cacheReadTokens: 600, cacheWriteTokens: 300, outputTokens: 70 },
    model: "gpt-6.1-sol-2026-09-29",
    vendorRequestId: "req_xyz",
  });
  expect(asked.deltas).toEqual([
    { type: "thinking", text: "First." },
    { type: "thinking", text: "\n\n" },
    { type: "thinking", text: "Second." },
    { type: "text", text: "Reading " },
    { type: "text", text: "two files." },
    { type: "tool_use_start", id: "call_a", name: "read_file" },
    { type: "tool_use_start", id: "call_b", name: "read_file" },
  ]);
});

test.each([2, 5, 7])("chunks of %i bytes, which split characters and lines, make the same turn", async (size) => {
  const text = "Grüße, 世界 🍋 done";
  server.answer({ chunks: inPieces(sse(created, said(0, text), done(0, message(text)), completed()), size) });
  expect((await call(request())).blocks).toEqual([{ type: "text", text }]);
});

test("unknown events and items, comments and keep-alives are passed over; items may come in the last event alone", async () => {
  server.answer({
    chunks: [
      ": keep-alive\n\n",
      sse(
        { type: "keepalive" },
        created,
        { type: "response.hologram.delta" },
        added(0, { type: "hologram" }),
        completed([{ type: "hologram" }, message("Hi", " there"), functionCall("call_a", "{}")]),
      ),
    ],
  });
  const turn = await call(request());
  expect(turn.blocks).toEqual([
    { type: "text", text: "Hi" },
    { type: "text", text: " there" },
    { type: "tool_use", id: "call_a", name: "read_file", input: {} },
  ]);
});

test.each([
  ["the connection drops in a tool call", "cut" as const],
  ["the body ends in a tool call", "end" as const],
])("%s: stream_cut, and no part of it counts", async (_name, ending) => {
  const whole = sse(created, said(0, "Hm."), done(0, message("Hm.")), added(1, functionCall("call_a", "")));
  server.answer({ chunks: [whole, 'event: response.function_call_arguments.delta\ndata: {"type":"resp'], ending });
  const error = await failureOf(call(request()));
  expect([error.kind, error.code]).toEqual(["transient", "stream_cut"]);
});

test("all items but no response.completed, and a completed one without an item that it began, are cut streams", async () => {
  server.answer({ chunks: [sse(created, done(0, message("All said.")))] });
  expect((await failureOf(call(request()))).code).toBe("stream_cut");
  server.answer({ chunks: [sse(created, added(0, functionCall("call_a", "")), completed())] });
  expect((await failureOf(call(request()))).code).toBe("stream_cut");
});

test("arguments that don't parse in a whole turn are kept as text", async () => {
  server.answer({ chunks: [sse(created, done(0, functionCall("call_a", '{"path": "a.md", ')), completed())] });
  const turn = await call(request());
  expect(turn.blocks).toEqual([
    { type: "tool_use", id: "call_a", name: "read_file", input: {}, invalidJson: '{"path": "a.md", ' },
  ]);
  expect(turn.stopReason).toBe("tool_use");
});

test("a response cut by its token limit is a whole turn, and a call that the vendor calls incomplete is not to be run", async () => {
  const item = functionCall("call_a", '{"path":"a"}', "incomplete");
  const incomplete = (reason: string) => ({
    type: "response.incomplete",
    response: { status: "incomplete", model, incomplete_details: { reason }, output: [item], usage },
  });
  server.answer({ chunks: [sse(created, added(0, item), incomplete("max_output_tokens"))] });
  const turn = await call(request());
  expect(turn.stopReason).toBe("max_tokens");
  expect(turn.blocks).toEqual([
    { type: "tool_use", id: "call_a", name: "read_file", input: {}, invalidJson: '{"path":"a"}', fault: "cut" },
  ]);
  server.answer({ chunks: [sse(created, incomplete("content_filter"))] });
  expect((await call(request())).stopReason).toBe("refusal");
});

test("a refusal is its own stop reason and its words are kept", async () => {
  const refused = { ...message(), content: [{ type: "refusal", refusal: "I won't." }] };
  server.answer({ chunks: [sse(created, done(0, refused), completed())] });
  expect(await call(request())).toMatchObject({
    stopReason: "refusal",
    stopDetail: "I won't.",
    blocks: [{ type: "text", text: "I won't." }],
  });
});

test("counts that are negative, fractions, missing or contradict each other are unknown, not zero", async () => {
  const counted = async (counts: object | null) => {
    server.answer({ chunks: [sse(created, done(0, message("x")), completed([], counts))] });
    return (await call(request())).usage;
  };
  const nothing = {
    inputTokens: undefined,
    cacheReadTokens: undefined,
    cacheWriteTokens: undefined,
    outputTokens: undefined,
  };
  expect(await counted(null)).toEqual(nothing);
  expect(await counted({ input_tokens: 0, output_tokens: -1 })).toEqual(nothing);
  expect(await counted({ input_tokens: 1.5, input_tokens_details: { cached_tokens: -2 }, output_tokens: "9" })).toEqual(
    nothing,
  );
  expect(await counted({ ...usage, input_tokens_details: { cached_tokens: 2000, cache_write_tokens: 300 } })).toEqual({
    inputTokens: undefined,
    cacheReadTokens: 2000,
    cacheWriteTokens: 300,
    outputTokens: 70,
  });
});

test.each([
  ["server_error", "transient", "server_error"],
  ["rate_limit_exceeded", "transient", "rate_limited"],
  ["server_is_overloaded", "transient", "overloaded"],
  ["context_length_exceeded", "permanent", "context_too_long"],
  ["invalid_prompt", "permanent", "refused"],
  ["bio_policy", "permanent", "refused"],
  ["misalignment_policy_violation", "permanent", "refused"],
  ["insufficient_quota", "permanent", "unauthorized"],
])("a failure in mid-stream with code %s is %s %s, as an event of either kind", async (code, kind, expected) => {
  const error = { code, message: `No: ${apiKey}` };
  server.answer({
    chunks: [sse(created, said(0, "Hello"), { type: "response.failed", response: { status: "failed", model, error } })],
    ending: "open",
  });
  const failed = await failureOf(call(request()));
  expect([failed.kind, failed.code, failed.status]).toEqual([kind, expected, undefined]);
  server.answer({ chunks: [sse(created, { type: "error", ...error, param: null })], ending: "open" });
  const told = await failureOf(call(request()));
  expect([told.kind, told.code, told.status]).toEqual([kind, expected, undefined]);
});

test("an error event without its name is that error", async () => {
  const data = JSON.stringify({ type: "error", code: "server_is_overloaded", message: "Busy" });
  server.answer({ chunks: [sse(created), `data: ${data}\n\n`], ending: "open" });
  expect((await failureOf(call(request()))).code).toBe("overloaded");
});

test("arguments are kept byte for byte where their JSON could be written otherwise", async () => {
  const written = '{ "path" : "a.md" ,"limit":1.0}';
  server.answer({ chunks: [sse(created, done(0, functionCall("call_a", written)), completed())] });
  expect((await call(request())).blocks).toEqual([
    { type: "tool_use", id: "call_a", name: "read_file", input: { path: "a.md", limit: 1 }, rawInput: written },
  ]);
});

test("the phase of a text is kept, and input without details is counted in full", async () => {
  const labelled = { ...message("Well."), phase: "commentary" };
  const counts = { input_tokens: 10, output_tokens: 3 };
  server.answer({ chunks: [sse(created, done(0, labelled), completed([], counts))] });
  expect(await call(request())).toMatchObject({
    blocks: [{ type: "text", text: "Well.", phase: "commentary" }],
    usage: { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 3 },
  });
});

test("a call of a kind that was not offered is a call that can't be run, and the vendor's own items are kept", async () => {
  const custom = { type: "custom_tool_call", call_id: "call_c", name: "apply_patch", input: "*** Begin" };
  const shell = { type: "local_shell_call", call_id: "call_d", action: { command: ["ls"] } };
  const search = { type: "web_search_call", id: "ws_1", status: "completed" };
  server.answer({ chunks: [sse(created, done(0, custom), done(1, shell), done(2, search), completed())] });
  expect(await call(request())).toMatchObject({
    stopReason: "tool_use",
    blocks: [
      { type: "tool_use", id: "call_c", name: "apply_patch", input: {}, fault: "not_offered" },
      { type: "tool_use", id: "call_d", name: "local_shell_call", input: {}, fault: "not_offered" },
      { type: "vendor", opaque: search },
    ],
  });
});

test("a call that had only begun when the response was cut is told, and one that was finished before is whole", async () => {
  const incomplete = {
    type: "response.incomplete",
    response: { status: "incomplete", model, incomplete_details: { reason: "max_output_tokens" }, output: [], usage },
  };
  const begun = functionCall("call_b", "", "in_progress");
  server.answer({
    chunks: [sse(created, done(0, functionCall("call_a", '{"path":"a"}')), added(1, begun), incomplete)],
  });
  expect((await call(request())).blocks).toEqual([
    { type: "tool_use", id: "call_a", name: "read_file", input: { path: "a" } },
    { type: "tool_use", id: "call_b", name: "read_file", input: {}, fault: "cut" },
  ]);
});

test("a delay that is named in the words alone is taken from them", async () => {
  const error = { code: "rate_limit_exceeded", message: "Rate limit reached. Please try again in 1.898s. Visit" };
  server.answer({ chunks: [sse(created, { type: "response.failed", response: { model, error } })] });
  expect((await failureOf(call(request()))).retryAfterMs).toBe(1898);
});
