import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { filler, useModel } from "./support.ts";
import { matching } from "./matchers.ts";

const model = useModel();
const tools: OpenAI.Responses.Tool[] = [
  { type: "function", name: "read_file", strict: false, parameters: { type: "object" } },
  { type: "function", name: "finish", strict: false, parameters: { type: "object" } },
];

describe("answers", () => {
  test("a response without tools is answered with the agent's introduction", async () => {
    const response = await model.openai().responses.create({ model: "gpt-6-astra", input: "Hello", store: false });
    expect(response.status).toBe("completed");
    expect(response.model).toBe("gpt-6-astra");
    expect(response.output_text).toContain("offline demo agent, no model");
    expect(response._request_id).toMatch(/^req_/u);
  });

  test("models are listed and any id is served", async () => {
    const ids = [];
    for await (const one of model.openai().models.list()) ids.push(one.id);
    expect(ids).toContain("gpt-6-astra");
    expect((await model.openai().models.retrieve("gpt-anything")).object).toBe("model");
  });

  test("a stream has typed, numbered events in order and adds up to the same response", async () => {
    await model.script({
      turns: [
        { text: "Reading that file for you now.", toolCalls: [{ name: "read_file", input: { path: "src/a.ts" } }] },
      ],
    });
    const stream = model
      .openai()
      .responses.stream({ model: "gpt-6-astra", input: [{ role: "user", content: "Hi" }], tools, store: false });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const final = await stream.finalResponse();
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const types = [...new Set(events.map((event) => event.type))];
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.completed",
    ]);
    expect(final.output_text).toBe("Reading that file for you now.");
    expect(final.output[1]).toMatchObject({
      type: "function_call",
      name: "read_file",
      arguments: '{"path":"src/a.ts"}',
      status: "completed",
    });
  });

  test("an answer over the token limit is incomplete", async () => {
    await model.script({ turns: [{ text: filler(200, "long") }] });
    const response = await model
      .openai()
      .responses.create({ model: "m", input: "x", max_output_tokens: 20, store: false });
    expect(response.status).toBe("incomplete");
    expect(response.incomplete_details?.reason).toBe("max_output_tokens");
  });
});

describe("refusals", () => {
  const send = (body: unknown): Promise<Response> =>
    fetch(`${model.url()}/v1/responses`, {
      method: "POST",
      headers: { authorization: "Bearer k" },
      body: JSON.stringify(body),
    });

  test("no key is 401", async () => {
    const response = await fetch(`${model.url()}/v1/responses`, { method: "POST", body: "{}" });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_api_key" } });
  });

  test.each([
    ["no model", { input: "x" }, "model"],
    ["no input", { model: "m" }, "input"],
    ["an unknown role", { model: "m", input: [{ role: "robot", content: "x" }] }, "input.0.role"],
    [
      "an output without a call",
      { model: "m", input: [{ type: "function_call_output", call_id: "c1", output: "x" }] },
      "input",
    ],
    [
      "a call without an output",
      {
        model: "m",
        input: [
          { role: "user", content: "x" },
          { type: "function_call", call_id: "c1", name: "a", arguments: "{}" },
        ],
      },
      "input",
    ],
    [
      "an earlier response that is not kept",
      { model: "m", input: "x", previous_response_id: "resp_1" },
      "previous_response_id",
    ],
  ])("%s is 400", async (_what, body, param) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", param, message: matching(/./u) },
    });
  });

  test("the SDK sees its own error class", async () => {
    await expect(model.openai().responses.create({ model: "m", input: [] })).rejects.toThrow(OpenAI.BadRequestError);
  });
});

test("a repeated prefix is read from the cache in steps of 128 tokens", async () => {
  const instructions = filler(3000, "instructions");
  const ask = async (key: string, input: string): Promise<OpenAI.Responses.ResponseUsage | undefined> =>
    (await model.openai(key).responses.create({ model: "m", instructions, input, store: false })).usage;
  expect((await ask("k1", "first"))?.input_tokens_details.cached_tokens).toBe(0);
  const usage = await ask("k1", "second question");
  const cached = usage?.input_tokens_details.cached_tokens ?? 0;
  expect(cached).toBeGreaterThanOrEqual(2944);
  expect(cached % 128).toBe(0);
  expect(cached).toBeLessThanOrEqual(usage?.input_tokens ?? 0);
  expect((await ask("k2", "first"))?.input_tokens_details.cached_tokens).toBe(0);
});
