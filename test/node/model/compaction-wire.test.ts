import Anthropic from "@anthropic-ai/sdk";
import { OpenAI } from "openai";
import { toResponseInputItems } from "openai/lib/responses/ResponseInputItems";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunningModel, startModel } from "../../../local/model/index.ts";

let model: RunningModel;
beforeAll(async () => {
  model = await startModel({ port: 0 });
});
afterAll(() => model.close());
beforeEach(async () => {
  await fetch(`${model.url}/_model`, { method: "DELETE" });
  await fetch(`${model.url}/_model/script`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ turns: [{ text: "one" }, { text: "two" }, { text: "three" }] }),
  });
});

describe("the Anthropic wire, through the vendor's own client", () => {
  const client = () => new Anthropic({ apiKey: "k", baseURL: model.url, maxRetries: 0 });
  const betas = ["compact-2026-09-04" as const];
  const base = { model: "claude-opus-5-5", max_tokens: 100 };
  const messages: Anthropic.Beta.BetaMessageParam[] = [
    { role: "user", content: "Hello." },
    { role: "assistant", content: "one" },
    { role: "user", content: "And?" },
  ];
  const summarise = () =>
    client().beta.messages.create({ ...base, betas, messages, compaction: { type: "summarize" } });

  test("a summary comes alone, and the conversation goes on from it", async () => {
    const summary = await summarise();
    expect(summary.stop_reason).toBe("compaction");
    expect(summary.content.map(({ type }) => type)).toEqual(["compaction"]);
    expect(summary.usage.iterations?.[0]).toMatchObject({ type: "compaction" });
    const next = await client().beta.messages.create({
      ...base,
      betas,
      messages: [
        { role: summary.role, content: summary.content },
        { role: "user", content: "Go on." },
      ],
    });
    // The second answer of the script: earlier answers are remembered, and the summary is no answer.
    expect(next.content).toMatchObject([{ type: "text", text: "two" }]);
  });

  test.each([
    ["changed", { content: "I was told otherwise." }, "differs"],
    ["signed by nobody", { signature: "EqQB" }, "signature"],
  ])("a summary that is %s is refused", async (_what, change, words) => {
    const summary = await summarise();
    const [block] = summary.content;
    if (block?.type !== "compaction") throw new Error("no summary");
    const changed = { ...block, ...change };
    const sent = {
      ...base,
      betas,
      messages: [{ role: "assistant" as const, content: [changed] }, ...messages.slice(2)],
    };
    await expect(client().beta.messages.create(sent)).rejects.toThrow(words);
  });

  test("it takes its beta header, the first place, and no context management beside it", async () => {
    const create = (rest: object, header: readonly string[] = betas) =>
      client().beta.messages.create({ ...base, betas: [...header], messages, ...rest });
    const [block] = (await summarise()).content;
    await expect(create({ compaction: { type: "summarize" } }, [])).rejects.toThrow("not permitted");
    await expect(create({ compaction: { type: "summarize" }, context_management: { edits: [] } })).rejects.toThrow(
      "combined",
    );
    await expect(create({ context_management: { edits: [] } }, [])).rejects.toThrow("not permitted");
    await expect(
      create({ messages: [messages[0], { role: "assistant", content: [block] }, messages[2]] }),
    ).rejects.toThrow("first block");
  });
});

describe("the OpenAI wire, through the vendor's own client", () => {
  const client = () => new OpenAI({ apiKey: "k", baseURL: `${model.url}/v1`, maxRetries: 0 });
  const input = [
    { role: "user" as const, content: "Hello." },
    { role: "assistant" as const, content: "one" },
    { role: "user" as const, content: "And?" },
  ];

  test("a window is compacted to its user messages and one item, and goes on", async () => {
    const compacted = await client().responses.compact({ model: "gpt-6.1-sol", input });
    expect(compacted.object).toBe("response.compaction");
    expect(compacted.output.map(({ type }) => type)).toEqual(["message", "message", "compaction"]);
    expect(compacted.usage.output_tokens).toBeGreaterThan(0);
    const next = await client().responses.create({
      model: "gpt-6.1-sol",
      store: false,
      input: [...toResponseInputItems(compacted.output), { role: "user", content: "Go on." }],
    });
    expect(next.output_text).toBe("two");
  });

  test("an item that is none of its own is refused", async () => {
    const item = { type: "compaction" as const, encrypted_content: "gAAAA" };
    await expect(
      client().responses.create({ model: "gpt-6.1-sol", input: [item, { role: "user", content: "Go on." }] }),
    ).rejects.toThrow("verified");
  });
});
