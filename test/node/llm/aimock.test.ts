import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import type { LlmMessage } from "../../../worker/ports/llm.ts";
import { cachedUsage, startShim, type Shim } from "./aimock-shim.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";

let mock: LLMock;
let shim: Shim;
beforeAll(async () => {
  mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: 8 });
  await mock.start();
  shim = await startShim(mock.url);
});
afterAll(async () => {
  await shim.close();
  await mock.stop();
});
beforeEach(() => {
  mock.reset();
  mock.clearChaos();
  shim.bodies.length = 0;
  Object.assign(shim.settings, { usage: cachedUsage, retryAfter: undefined, insert: undefined });
});

const always = { predicate: () => true };
const deadlines = { idleMs: 20_000, totalMs: 25_000 };

describe.each([
  {
    provider: "anthropic" as const,
    model: "claude-opus-5-5",
    make: () => createAnthropic({ apiKey, baseUrl: shim.url, deadlines }),
  },
  {
    provider: "openai" as const,
    model: "gpt-6.1-sol",
    make: () => createOpenAi({ apiKey, baseUrl: `${shim.url}/v1`, deadlines }),
  },
])("$provider over HTTP to aimock", ({ make, model, provider }) => {
  const request = (messages?: readonly LlmMessage[]) =>
    makeRequest({ provider, model, effort: "high", ...(messages === undefined ? {} : { messages }) });

  test("thinking is streamed apart from text, and goes back byte for byte", async () => {
    mock.on(always, {
      content: "I will read it.",
      toolCalls: [{ name: "read_file", arguments: { path: "a.md" }, id: "call_1" }],
      reasoning: "The readme says what this is. 🍋",
      reasoningSignature: "EqQBCkgIARABGAIiQ==",
    });
    const asked = request();
    const first = await make().complete(asked);
    const thought = first.blocks.find((block) => block.type === "thinking");
    expect(thought).toMatchObject({ text: "The readme says what this is. 🍋" });
    const streamed = asked.deltas.flatMap((delta) => (delta.type === "thinking" ? [delta.text] : []));
    expect(streamed.length).toBeGreaterThan(1);
    expect(streamed.join("")).toBe("The readme says what this is. 🍋");
    await make().complete(
      request([
        ...asked.messages,
        { role: "assistant", blocks: first.blocks },
        { role: "user", blocks: [{ type: "tool_result", toolUseId: "call_1", content: "# Hi", isError: false }] },
      ]),
    );
    const sent = shim.bodies[1] ?? "";
    expect(thought?.type === "thinking" ? thought.opaque : undefined).toBeDefined();
    if (thought?.type === "thinking") expect(sent).toContain(JSON.stringify(thought.opaque));
    if (provider === "openai") {
      expect(sent).toContain('"encrypted_content"');
      expect(JSON.parse(sent)).toMatchObject({
        store: false,
        include: ["reasoning.encrypted_content"],
        parallel_tool_calls: true,
      });
    } else expect(sent).toContain("EqQBCkgIARABGAIiQ==");
    expect(sent).toContain('"effort":"high"');
  });

  test("cache reads and writes are counted and priced", async () => {
    mock.on(always, { content: "Well." });
    const { usage } = await make().complete(request());
    expect(usage).toEqual({ inputTokens: 20, cacheReadTokens: 600, cacheWriteTokens: 80, outputTokens: 9 });
    const uncached = costMicros(model, { inputTokens: 700, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 9 });
    expect(costMicros(model, usage)).toBeGreaterThan(0);
    expect(costMicros(model, usage)).toBeLessThan(uncached ?? 0);
  });

  test.each([
    ["as aimock sends it, without the cache", (usage: Record<string, unknown>) => usage],
    ["missing", () => undefined],
    ["empty", () => ({})],
    ["negative", (usage: Record<string, unknown>) => ({ ...cachedUsage(usage), output_tokens: -3 })],
    ["a fraction", (usage: Record<string, unknown>) => ({ ...cachedUsage(usage), output_tokens: 1.5 })],
    ["a text", (usage: Record<string, unknown>) => ({ ...cachedUsage(usage), output_tokens: "9" })],
    ["beyond counting", (usage: Record<string, unknown>) => ({ ...cachedUsage(usage), output_tokens: 1e30 })],
    [
      "less than its cached part",
      () => ({
        input_tokens: provider === "openai" ? 5 : -5,
        input_tokens_details: { cached_tokens: 600, cache_write_tokens: 0 },
        cache_read_input_tokens: 600,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      }),
    ],
  ])("usage that is %s costs something unknown, never nothing", async (_what, usage) => {
    shim.settings.usage = usage;
    mock.on(always, { content: "Well." });
    const turn = await make().complete(request());
    expect(turn.blocks.at(-1)).toEqual({ type: "text", text: "Well." });
    expect(costMicros(model, turn.usage)).toBeNull();
    for (const count of Object.values(turn.usage)) expect(count === undefined || count >= 0).toBe(true);
  });

  test.each([1, 4, 8])("a frame that does not parse, before frame %i, gives no half turn", async (before) => {
    shim.settings.insert = { before, text: 'event: content_block_delta\ndata: {"type":"content_bl\n\n' };
    mock.on(always, { content: "", toolCalls: [{ name: "read_file", arguments: { path: "a long enough path.md" } }] });
    const outcome = await make()
      .complete(request())
      .catch((error: unknown) => error);
    // Passed over or refused, but never half: a whole call, or a failure that may be tried again.
    if (outcome instanceof Error) expect(outcome).toMatchObject({ kind: "transient", code: "stream_cut" });
    else
      expect(outcome).toMatchObject({
        stopReason: "tool_use",
        blocks: expect.arrayContaining([expect.objectContaining({ input: { path: "a long enough path.md" } })]),
      });
  });

  test("comments, unknown events and empty frames are passed over", async () => {
    shim.settings.insert = {
      before: 2,
      text: ': keep-alive\n\nevent: brand_new\ndata: {"type":"brand_new","index":0}\n\n\n\n',
    };
    mock.on(always, { content: "Well, well." });
    expect((await make().complete(request())).blocks.at(-1)).toEqual({ type: "text", text: "Well, well." });
  });

  test("an answer of 200 that is no stream is a cut, and a dropped one a server error", async () => {
    mock.on(always, { content: "Well." });
    mock.setChaos({ malformedRate: 1 });
    expect(await failureOf(make().complete(request()))).toMatchObject({ kind: "transient", code: "stream_cut" });
    mock.setChaos({ dropRate: 1 });
    expect(await failureOf(make().complete(request()))).toMatchObject({ kind: "transient", code: "server_error" });
  });

  test.each([
    ["120", () => "120", 120_000],
    ["0", () => "0", 0],
    ["86400", () => "86400", 86_400_000],
    ["a date", () => new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
  ])("429 with retry-after %s", async (_name, retryAfter, expected) => {
    shim.settings.retryAfter = retryAfter();
    mock.nextRequestError(429, { message: "slow down", type: "rate_limit_error" });
    const { code, retryAfterMs = -1 } = await failureOf(make().complete(request()));
    expect(code).toBe("rate_limited");
    expect(Math.abs(retryAfterMs - expected)).toBeLessThan(10_000);
  });

  test("a server that can't summarise says so for good", async () => {
    mock.on(always, { content: "Well." });
    const error = await failureOf(make().compact?.(request()) ?? Promise.resolve());
    expect(error.kind).toBe("permanent");
    expect(["no_summary", "not_found", "bad_request"]).toContain(error.code);
  });

  test("a request that the vendor's documents forbid is refused: the shim checks every request", async () => {
    mock.on(always, { content: "Well." });
    const orphan: LlmMessage = {
      role: "user",
      blocks: [{ type: "tool_result", toolUseId: "nobody", content: "x", isError: false }],
    };
    const error = await failureOf(make().complete(request([orphan])));
    expect([error.kind, error.code, error.status]).toEqual(["permanent", "bad_request", 400]);
  });
});
