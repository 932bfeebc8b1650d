import { expect, test } from "vitest";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { buildMessagesRequest } from "../../../worker/adapters/anthropic/request.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import { buildResponsesRequest } from "../../../worker/adapters/openai/request.ts";
import type { LlmMessage } from "../../../worker/ports/llm.ts";
import { apiKey, failureOf, makeRequest, readFileTool } from "./fixtures.ts";
import { startReplayServer } from "./replay-server.ts";

const thinking = { type: "thinking", thinking: "Hm.", signature: "c2ln" };
const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "Z2VoZWlt", status: null };

/** A conversation of so many tool rounds, as both vendors would have made it. */
function conversation(rounds: number): LlmMessage[] {
  const messages: LlmMessage[] = [
    {
      role: "user",
      blocks: [
        { type: "text", text: "Fix what the picture shows." },
        { type: "image", mediaType: "image/png", base64: "aVZCT1I=" },
      ],
    },
  ];
  for (let round = 1; round <= rounds; round += 1) {
    messages.push(
      {
        role: "assistant",
        blocks: [
          { type: "thinking", text: "Hm.", opaque: thinking },
          { type: "thinking", text: "", opaque: reasoning },
          { type: "text", text: `Round ${round}.` },
          { type: "tool_use", id: `a${round}`, name: "read_file", input: { path: "z.md", limit: round } },
          { type: "tool_use", id: `b${round}`, name: "read_file", input: {}, invalidJson: '{"path' },
        ],
      },
      {
        role: "user",
        blocks: [
          { type: "text", text: "Mind the tests." },
          { type: "tool_result", toolUseId: `a${round}`, content: "zzz", isError: false },
          { type: "tool_result", toolUseId: `b${round}`, content: "Error: the JSON did not parse", isError: true },
        ],
      },
    );
  }
  return messages;
}

const claude = (messages: readonly LlmMessage[]) =>
  makeRequest({ provider: "anthropic", model: "claude-opus-5-5", effort: "low", messages });
const codex = (messages: readonly LlmMessage[]) =>
  makeRequest({ provider: "openai", model: "gpt-6.1-sol", effort: "high", messages });

test("Claude: body of a conversation with every kind of block", () => {
  expect(buildMessagesRequest(claude(conversation(1)))).toEqual({
    model: "claude-opus-5-5",
    max_tokens: 4096,
    stream: true,
    metadata: { user_id: "run-7/coder/1/1" },
    thinking: { type: "adaptive", display: "summarized" },
    output_config: { effort: "low" },
    tools: [
      {
        name: "read_file",
        description: "Reads a file",
        input_schema: {
          type: "object",
          properties: { path: { type: "string", minLength: 1 }, limit: { type: "integer" } },
          required: ["path"],
          additionalProperties: false,
        },
      },
    ],
    system: [{ type: "text", text: "You are a coder.", cache_control: { type: "ephemeral" } }],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Fix what the picture shows." },
          {
            type: "image",
            source: { type: "base64", media_type: "image/png", data: "aVZCT1I=" },
            cache_control: { type: "ephemeral" },
          },
        ],
      },
      {
        role: "assistant",
        content: [
          thinking,
          { type: "text", text: "Round 1." },
          { type: "tool_use", id: "a1", name: "read_file", input: { path: "z.md", limit: 1 } },
          { type: "tool_use", id: "b1", name: "read_file", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a1", content: "zzz" },
          { type: "tool_result", tool_use_id: "b1", content: "Error: the JSON did not parse", is_error: true },
          { type: "text", text: "Mind the tests.", cache_control: { type: "ephemeral" } },
        ],
      },
    ],
  });
});

test("Codex: body of a conversation with every kind of block", () => {
  expect(buildResponsesRequest(codex(conversation(1)))).toEqual({
    model: "gpt-6.1-sol",
    stream: true,
    store: false,
    max_output_tokens: 4096,
    prompt_cache_key: "run-7",
    reasoning: { effort: "high", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    instructions: "You are a coder.",
    tool_choice: "auto",
    parallel_tool_calls: true,
    tools: [
      {
        type: "function",
        name: "read_file",
        description: "Reads a file",
        strict: false,
        parameters: {
          type: "object",
          properties: { path: { type: "string", minLength: 1 }, limit: { type: "integer" } },
          required: ["path"],
          additionalProperties: false,
        },
      },
    ],
    input: [
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "Fix what the picture shows." },
          { type: "input_image", image_url: "data:image/png;base64,aVZCT1I=", detail: "auto" },
        ],
      },
      reasoning,
      { type: "message", role: "assistant", content: "Round 1.", phase: "commentary" },
      { type: "function_call", call_id: "a1", name: "read_file", arguments: '{"path":"z.md","limit":1}' },
      { type: "function_call", call_id: "b1", name: "read_file", arguments: '{"path' },
      { type: "function_call_output", call_id: "a1", output: "zzz" },
      { type: "function_call_output", call_id: "b1", output: "Error: the JSON did not parse" },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Mind the tests." }] },
    ],
  });
});

test("Claude: each request's prompt is a byte-for-byte prefix of the next one's, cache points aside", () => {
  const unmarked = (rounds: number) => {
    const body = buildMessagesRequest(claude(conversation(rounds)));
    const { tools, system, messages } = body;
    return JSON.stringify({ tools, system, messages }).replaceAll(',"cache_control":{"type":"ephemeral"}', "");
  };
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const shorter = unmarked(rounds).slice(0, -"]}".length);
    expect(unmarked(rounds + 1).startsWith(`${shorter},`)).toBe(true);
  }
});

test("Claude: from one request to the next the points themselves stay where they are, too, and never exceed four", () => {
  const sent = (rounds: number) => JSON.stringify(buildMessagesRequest(claude(conversation(rounds))).messages);
  expect(sent(1).startsWith(sent(0).slice(0, -1))).toBe(true);
  for (const rounds of [0, 1, 2, 10]) {
    const points =
      JSON.stringify(buildMessagesRequest(claude(conversation(rounds)))).split('"cache_control"').length - 1;
    expect(points).toBe(rounds === 0 ? 2 : 3);
  }
  const { messages } = buildMessagesRequest(claude(conversation(10)));
  const marked = messages.flatMap((message, index) =>
    JSON.stringify(message).includes("cache_control") ? [index] : [],
  );
  expect(marked).toEqual([18, 20]);
});

test("Codex: each request's prompt is a byte-for-byte prefix of the next one's", () => {
  const prompt = (rounds: number) => {
    const { instructions, tools, input } = buildResponsesRequest(codex(conversation(rounds)));
    return JSON.stringify({ instructions, tools, input });
  };
  for (let rounds = 0; rounds < 5; rounds += 1) {
    expect(prompt(rounds + 1).startsWith(`${prompt(rounds).slice(0, -"]}".length)},`)).toBe(true);
  }
});

test("a repeated request has the same bytes on the wire, and the cache key is the run's", async () => {
  const server = await startReplayServer();
  try {
    for (const callId of ["run-7/coder/1/1", "run-7/coder/1/2"]) {
      await failureOf(
        createAnthropic({ apiKey, baseUrl: server.url }).complete({ ...claude(conversation(2)), callId }),
      );
      await failureOf(
        createOpenAi({ apiKey, baseUrl: `${server.url}/v1` }).complete({ ...codex(conversation(2)), callId }),
      );
    }
    const [claude1, codex1, claude2, codex2] = server.seen;
    expect(claude1?.path).toBe("/v1/messages");
    expect(claude1?.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(claude2?.text).toBe(claude1?.text.replace("run-7/coder/1/1", "run-7/coder/1/2"));
    expect(codex1?.path).toBe("/v1/responses");
    expect(codex1?.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(codex1?.headers["x-client-request-id"]).toBe("run-7/coder/1/1");
    expect(codex2?.text).toBe(codex1?.text);
  } finally {
    await server.close();
  }
});

test("thinking of the other vendor, unsigned, or without its encrypted content stays out", () => {
  const messages: LlmMessage[] = [
    { role: "user", blocks: [{ type: "text", text: "Hi" }] },
    {
      role: "assistant",
      blocks: [
        { type: "thinking", text: "unsigned" },
        { type: "thinking", text: "", opaque: { type: "thinking", thinking: "x", signature: "" } },
        { type: "thinking", text: "", opaque: { ...reasoning, encrypted_content: null } },
        { type: "text", text: "Hello" },
        { type: "thinking", text: "", opaque: reasoning },
      ],
    },
    { role: "assistant", blocks: [{ type: "thinking", text: "alone" }] },
    { role: "user", blocks: [{ type: "text", text: " \n" }] },
  ];
  expect(buildMessagesRequest(claude(messages)).messages.map((message) => JSON.stringify(message.content))).toEqual([
    '[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]',
    '[{"type":"text","text":"Hello"}]',
  ]);
  expect(buildResponsesRequest(codex(messages)).input).toEqual([
    { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] },
    { type: "message", role: "assistant", content: "Hello", phase: "final_answer" },
  ]);
});

test("Claude: white space before thinking and the vendor's own blocks go back as they came; elsewhere white space is refused", () => {
  const result = { type: "web_search_tool_result", tool_use_id: "srv_1", content: [] };
  const { messages } = buildMessagesRequest(
    claude([
      { role: "user", blocks: [{ type: "text", text: "Hi" }] },
      {
        role: "assistant",
        blocks: [
          { type: "text", text: "\n\n" },
          { type: "thinking", text: "x", opaque: thinking },
          { type: "vendor", opaque: result },
          { type: "text", text: " " },
        ],
      },
    ]),
  );
  expect(messages[1]?.content).toEqual([{ type: "text", text: "\n\n" }, thinking, result]);
});

test("Codex: arguments and phases go back as they came, also arguments that are no JSON", () => {
  const written = '{ "path" : "a" ,"limit":1.0}';
  const call = { type: "tool_use" as const, name: "read_file" };
  const { input } = buildResponsesRequest(
    codex([
      {
        role: "assistant",
        blocks: [
          { type: "text", text: "So.", phase: "final_answer" },
          { ...call, id: "a", input: { path: "a", limit: 1 }, rawInput: written },
          { ...call, id: "b", input: {}, invalidJson: "{oops" },
        ],
      },
    ]),
  );
  expect(input).toEqual([
    { type: "message", role: "assistant", content: "So.", phase: "final_answer" },
    { type: "function_call", call_id: "a", name: "read_file", arguments: written },
    { type: "function_call", call_id: "b", name: "read_file", arguments: "{oops" },
  ]);
});

test("a model that the catalogue doesn't know is asked for no effort, no thinking; no tools and no system are left out", () => {
  const bare = { effort: "high" as const, tools: [], system: "" };
  const claudeBody = buildMessagesRequest(makeRequest({ provider: "anthropic", model: "claude-of-my-own", ...bare }));
  expect(Object.keys(claudeBody)).toEqual(["model", "max_tokens", "stream", "metadata", "messages"]);
  const codexBody = buildResponsesRequest(makeRequest({ provider: "openai", model: "gpt-of-my-own", ...bare }));
  expect(Object.keys(codexBody)).toEqual([
    "model",
    "stream",
    "store",
    "max_output_tokens",
    "prompt_cache_key",
    "input",
  ]);
});

test("strict is asked for only where the whole schema fits it", () => {
  const strictOf = (inputSchema: Record<string, unknown>) => {
    const tools = [{ ...readFileTool, inputSchema }];
    const [tool] = buildResponsesRequest({ ...codex([]), tools }).tools ?? [];
    return tool?.type === "function" ? tool.strict : undefined;
  };
  const closed = { type: "object", required: ["a"], additionalProperties: false };
  expect(strictOf({ ...closed, properties: { a: { type: "array", items: { type: "string" } } } })).toBe(true);
  expect(strictOf({ ...closed, properties: { a: { anyOf: [{ type: "null" }, { type: "integer" }] } } })).toBe(true);
  expect(strictOf({ ...closed, properties: { a: { type: "string", minLength: 1 } } })).toBe(false);
  expect(strictOf({ ...closed, properties: { a: { type: "string" }, b: { type: "string" } } })).toBe(false);
  expect(strictOf({ ...closed, additionalProperties: true, properties: { a: { type: "string" } } })).toBe(false);
  expect(
    strictOf({ ...closed, properties: { a: { ...closed, required: [], properties: { b: { type: "null" } } } } }),
  ).toBe(false);
});
