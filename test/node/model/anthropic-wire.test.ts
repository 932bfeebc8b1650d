import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { filler, useModel } from "./support.ts";
import { containing, matching } from "./matchers.ts";

const model = useModel();
const tools: Anthropic.Tool[] = [
  { name: "read_file", input_schema: { type: "object", properties: { path: { type: "string" } } } },
  { name: "finish", input_schema: { type: "object" } },
];
const ask = { model: "claude-sonnet-5-5", max_tokens: 4096 } as const;

describe("answers", () => {
  test("a message without tools is answered with the agent's introduction", async () => {
    const message = await model.anthropic().messages.create({ ...ask, messages: [{ role: "user", content: "Hello" }] });
    expect(message.model).toBe("claude-sonnet-5-5");
    expect(message.stop_reason).toBe("end_turn");
    expect(message.content[0]).toMatchObject({
      type: "text",
      text: containing("offline demo agent, no model"),
    });
    expect(message._request_id).toMatch(/^req_/u);
  });

  test("any model id is accepted and echoed; the list is served", async () => {
    const message = await model
      .anthropic()
      .messages.create({ ...ask, model: "claude-not-yet-born", messages: [{ role: "user", content: "Hi" }] });
    expect(message.model).toBe("claude-not-yet-born");
    const ids = [];
    for await (const info of model.anthropic().models.list()) ids.push(info.id);
    expect(ids).toContain("claude-opus-5-5");
    expect((await model.anthropic().models.retrieve("claude-opus-5-5")).type).toBe("model");
  });

  test("a stream has every event in order and adds up to the same message", async () => {
    await model.script({
      turns: [
        {
          text: "Reading that file for you now.",
          toolCalls: [
            { name: "read_file", input: { path: "src/a.ts", limit: 7 } },
            { name: "finish", input: {} },
          ],
        },
      ],
    });
    const stream = model.anthropic().messages.stream({ ...ask, tools, messages: [{ role: "user", content: "Hi" }] });
    const types: string[] = [];
    stream.on("streamEvent", (event) => void types.push(event.type));
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe("tool_use");
    expect(message.content.map((block) => block.type)).toEqual(["text", "tool_use", "tool_use"]);
    expect(message.content[1]).toMatchObject({ name: "read_file", input: { path: "src/a.ts", limit: 7 } });
    expect(types[0]).toBe("message_start");
    expect(types.slice(-2)).toEqual(["message_delta", "message_stop"]);
    expect(types.filter((type) => type === "content_block_start")).toHaveLength(3);
    expect(types.filter((type) => type === "content_block_delta").length).toBeGreaterThan(5);
    const whole = await model
      .anthropic()
      .messages.create({ ...ask, tools, messages: [{ role: "user", content: "Hi" }] });
    expect(whole.content.map((block) => (block.type === "tool_use" ? block.input : block.type))).toEqual(
      message.content.map((block) => (block.type === "tool_use" ? block.input : block.type)),
    );
    expect(whole.usage.output_tokens).toBe(message.usage.output_tokens);
  });

  test("an answer over the token limit is cut and says so", async () => {
    await model.script({ turns: [{ text: filler(200, "long"), toolCalls: [{ name: "finish", input: {} }] }] });
    const message = await model
      .anthropic()
      .messages.create({ ...ask, max_tokens: 50, tools, messages: [{ role: "user", content: "Hi" }] });
    expect(message.stop_reason).toBe("max_tokens");
    expect(message.usage.output_tokens).toBe(50);
    expect(message.content.every((block) => block.type === "text")).toBe(true);
  });
});

describe("refusals", () => {
  const send = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${model.url()}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "k", "anthropic-version": "2023-06-01", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  test("no key is 401", async () => {
    const response = await fetch(`${model.url()}/v1/messages`, {
      method: "POST",
      headers: { "anthropic-version": "2023-06-01" },
      body: "{}",
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
  });

  test("a bearer token is a key too", async () => {
    const client = new Anthropic({ baseURL: model.url(), authToken: "token", apiKey: null, maxRetries: 0 });
    expect((await client.messages.create({ ...ask, messages: [{ role: "user", content: "Hi" }] })).type).toBe(
      "message",
    );
  });

  test.each([
    ["broken JSON", "{", /not valid JSON/u],
    ["no max_tokens", { model: "m", messages: [{ role: "user", content: "x" }] }, /max_tokens: Field required/u],
    ["no messages", { model: "m", max_tokens: 1, messages: [] }, /messages/u],
    [
      "an unknown role",
      { model: "m", max_tokens: 1, messages: [{ role: "robot", content: "x" }] },
      /messages\.0\.role/u,
    ],
    [
      "an empty text",
      { model: "m", max_tokens: 1, messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      /non-empty/u,
    ],
    [
      "an assistant first",
      { model: "m", max_tokens: 1, messages: [{ role: "assistant", content: "x" }] },
      /first message must use the "user" role/u,
    ],
    [
      "a result without a call",
      {
        model: "m",
        max_tokens: 1,
        messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] }],
      },
      /messages\.0\.content\.0: unexpected `tool_use_id`/u,
    ],
    [
      "a call without a result",
      {
        model: "m",
        max_tokens: 1,
        messages: [
          { role: "user", content: "x" },
          { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "a", input: {} }] },
          { role: "user", content: "y" },
        ],
      },
      /messages\.1: `tool_use` ids were found without/u,
    ],
    [
      "the same tool twice",
      { model: "m", max_tokens: 1, messages: [{ role: "user", content: "x" }], tools: [tools[0], tools[0]] },
      /unique/u,
    ],
    [
      "five cache points",
      {
        model: "m",
        max_tokens: 1,
        messages: [
          {
            role: "user",
            content: Array.from({ length: 5 }, (_, index) => ({
              type: "text",
              text: `t${index}`,
              cache_control: { type: "ephemeral" },
            })),
          },
        ],
      },
      /maximum of 4/u,
    ],
  ])("%s is 400", async (_what, body, message) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    const answer: unknown = await response.json();
    expect(answer).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: matching(message) },
      request_id: response.headers.get("request-id"),
    });
  });

  test("the SDK sees its own error class", async () => {
    const call = model
      .anthropic()
      .messages.create({ ...ask, max_tokens: 0, messages: [{ role: "user", content: "x" }] });
    await expect(call).rejects.toThrow(Anthropic.BadRequestError);
  });
});

describe("prompt caching", () => {
  const mark = { type: "ephemeral" } as const;
  const create = async (key: string, system: string, texts: string[]): Promise<number[]> => {
    const message = await model.anthropic(key).messages.create({
      ...ask,
      system: [{ type: "text", text: system, cache_control: mark }],
      messages: texts.map((text, index) => ({
        role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
        content: [{ type: "text" as const, text, ...(index === texts.length - 1 ? { cache_control: mark } : {}) }],
      })),
    });
    return [
      message.usage.input_tokens,
      message.usage.cache_creation_input_tokens ?? -1,
      message.usage.cache_read_input_tokens ?? -1,
    ];
  };

  test("a growing conversation reads what it wrote before and writes only what is new", async () => {
    const system = filler(2000, "system");
    const [, written, read] = await create("k1", system, ["first"]);
    expect(read).toBe(0);
    expect(written).toBeGreaterThan(2000);
    const [input, more, again] = await create("k1", system, ["first", filler(300, "answer"), "second"]);
    expect(again).toBe(written);
    expect(more).toBeGreaterThan(300);
    expect(more).toBeLessThan(400);
    expect(input).toBe(0);
  });

  test("another key, another system prompt and a short prompt read nothing", async () => {
    const system = filler(2000, "shared");
    await create("k1", system, ["first"]);
    expect((await create("k2", system, ["first"]))[2]).toBe(0);
    expect((await create("k1", `x${system}`, ["first"]))[2]).toBe(0);
    const short = filler(100, "short");
    await create("k1", short, ["first"]);
    expect((await create("k1", short, ["first"])).slice(1)).toEqual([0, 0]);
  });
});
