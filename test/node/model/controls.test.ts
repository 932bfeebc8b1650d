import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { useModel } from "./support.ts";
import { containing } from "./matchers.ts";

const model = useModel();
const ask = {
  model: "claude-sonnet-5-5",
  max_tokens: 4096,
  messages: [{ role: "user" as const, content: "Hello there" }],
};
const tools: Anthropic.Tool[] = [{ name: "read_file", input_schema: { type: "object" } }];

describe("faults", () => {
  test("429 carries retry-after, happens as often as asked, and stands in the ledger", async () => {
    await model.fault({ kind: "429", times: 2, retryAfterSeconds: 7 });
    for (let time = 0; time < 2; time += 1) {
      const error: unknown = await model
        .anthropic()
        .messages.create(ask)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Anthropic.RateLimitError);
      expect(error instanceof Anthropic.RateLimitError ? error.headers.get("retry-after") : undefined).toBe("7");
    }
    await model.anthropic().messages.create(ask);
    expect((await model.calls()).map((call) => [call.status, call.outcome])).toEqual([
      [429, "refused"],
      [429, "refused"],
      [200, "sent"],
    ]);
  });

  test("529 is overloaded for Claude and 503 for Codex; 500 is an internal error", async () => {
    await model.fault({ kind: "529", times: 2 });
    await expect(model.anthropic().messages.create(ask)).rejects.toThrow(Anthropic.OverloadedError);
    await expect(model.openai().responses.create({ model: "m", input: "x" })).rejects.toMatchObject({ status: 503 });
    await model.fault({ kind: "500" });
    await expect(model.openai().responses.create({ model: "m", input: "x" })).rejects.toThrow(
      OpenAI.InternalServerError,
    );
  });

  test("a cut stream never ends in a whole message", async () => {
    await model.fault({ kind: "cut", times: 3 });
    await expect(model.anthropic().messages.stream(ask).finalMessage()).rejects.toThrow();
    await expect(model.openai().responses.stream({ model: "m", input: "x" }).finalResponse()).rejects.toThrow();
    await expect(model.anthropic().messages.create(ask)).rejects.toThrow();
    expect((await model.calls()).map((call) => call.outcome)).toEqual(["cut", "cut", "cut"]);
  });

  test("bad JSON comes as tool input that does not parse, an unknown tool as a call of one", async () => {
    await model.fault({ kind: "bad_json" });
    let json = "";
    for await (const event of await model.anthropic().messages.create({ ...ask, tools, stream: true })) {
      if (event.type === "content_block_delta" && event.delta.type === "input_json_delta")
        json += event.delta.partial_json;
    }
    expect(() => void JSON.parse(json)).toThrow();
    await model.fault({ kind: "unknown_tool" });
    const message = await model.anthropic().messages.create({ ...ask, tools });
    expect(message.content.at(-1)).toMatchObject({ type: "tool_use", name: "tool_that_was_never_offered" });
  });

  test("slow waits; a fault with a match strikes only there", async () => {
    await model.fault({ kind: "slow", delayMs: 2_000, match: "only here" });
    const ended: string[] = [];
    const create = async (name: string, content: string): Promise<void> => {
      await model.anthropic().messages.create({ ...ask, messages: [{ role: "user", content }] });
      ended.push(name);
    };
    await Promise.all([create("slow", 'say "only here"'), create("other", "say something else")]);
    expect(ended).toEqual(["other", "slow"]);
  });

  test("a client that goes away while it waits is in the ledger as aborted", async () => {
    await model.fault({ kind: "slow", delayMs: 1_500 });
    const abort = new AbortController();
    const call = model.anthropic().messages.stream(ask, { signal: abort.signal }).finalMessage();
    setTimeout(() => abort.abort(), 60);
    await expect(call).rejects.toThrow();
    const outcomes = async (): Promise<unknown> => (await model.calls()).map(({ outcome }) => outcome);
    await expect.poll(outcomes, { timeout: 10_000 }).toEqual(["aborted"]);
  });

  test("nonsense is refused with the field's name", async () => {
    const response = await fetch(`${model.url()}/_model/faults`, {
      method: "POST",
      body: JSON.stringify({ kind: "earthquake" }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("kind");
  });

  test("pages in a browser can't turn the knobs", async () => {
    const response = await fetch(`${model.url()}/_model/calls`, { headers: { origin: "http://evil.example" } });
    expect(response.status).toBe(403);
  });
});

describe("scripts", () => {
  test("turns follow the conversation, so a repeated call gets the same answer", async () => {
    await model.script({
      match: "obey",
      turns: [{ text: "One", toolCalls: [{ name: "read_file", input: { path: "a" } }] }, { text: "Two" }],
    });
    const first = { role: "user" as const, content: "Please obey" };
    const create = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
      model.anthropic().messages.create({ ...ask, tools, messages });
    const one = await create([first]);
    expect((await create([first])).content[0]).toMatchObject({ text: "One" });
    const use = one.content.find((block) => block.type === "tool_use");
    const two = await create([
      first,
      {
        role: "assistant",
        content: one.content.map((block) =>
          block.type === "tool_use"
            ? { type: "tool_use" as const, id: block.id, name: block.name, input: block.input }
            : { type: "text" as const, text: "One" },
        ),
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: use?.id ?? "", content: "fine" }] },
    ]);
    expect(two.content[0]).toMatchObject({ text: "Two" });
    const other = await create([{ role: "user", content: "Something else" }]);
    expect(other.content[0]).toMatchObject({ text: containing("offline demo agent") });
  });
});

test("the ledger counts what the answers said", async () => {
  const claude = await model.anthropic().messages.create(ask);
  const codex = await model.openai().responses.create({ model: "gpt-6-luna", input: "Hello", store: false });
  const calls = await model.calls();
  expect(calls).toMatchObject([
    {
      id: claude._request_id,
      provider: "anthropic",
      model: ask.model,
      inputTokens: claude.usage.input_tokens,
      outputTokens: claude.usage.output_tokens,
    },
    { id: codex._request_id, provider: "openai", model: "gpt-6-luna", outputTokens: codex.usage?.output_tokens },
  ]);
  await fetch(`${model.url()}/_model/calls`, { method: "DELETE" });
  expect(await model.calls()).toEqual([]);
});
