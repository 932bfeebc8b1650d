import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type RunningModel, startModel } from "../../../local/model/index.ts";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import type { LlmMessage } from "../../../worker/ports/llm.ts";
import { png } from "../../images.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";

let local: RunningModel;
beforeAll(async () => {
  local = await startModel({ port: 0, minimumCacheTokens: 16 });
});
afterAll(() => local.close());

async function control(method: "POST" | "DELETE", path: string, body?: object): Promise<void> {
  const response = await fetch(`${local.url}/_model${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
beforeEach(() => control("DELETE", ""));

const ledgerSchema = z.object({
  calls: z.array(
    z.object({
      images: z.int().optional(),
      inputTokens: z.int(),
      cacheReadTokens: z.int(),
      cacheWriteTokens: z.int(),
      outputTokens: z.int(),
    }),
  ),
});
const ledger = async () => ledgerSchema.parse(await (await fetch(`${local.url}/_model/calls`)).json()).calls;

describe.each([
  {
    provider: "anthropic" as const,
    model: "claude-opus-5-5",
    make: () => createAnthropic({ apiKey, baseUrl: local.url }),
  },
  {
    provider: "openai" as const,
    model: "gpt-6.1-sol",
    make: () => createOpenAi({ apiKey, baseUrl: `${local.url}/v1` }),
  },
])("$provider over HTTP to the local model", ({ provider, model, make }) => {
  const request = (messages?: readonly LlmMessage[]) =>
    makeRequest({ provider, model, system: "You are a coder. ".repeat(200), ...(messages ? { messages } : {}) });

  test("a tool loop: call, answer, end; the spending is the model's own count, and the second call reads the cache", async () => {
    await control("POST", "/script", {
      turns: [
        {
          text: "Reading.",
          toolCalls: [
            { name: "read_file", input: { path: "a.md" } },
            { name: "read_file", input: { path: "grüße 🍋.md" } },
          ],
        },
        { text: "All read." },
      ],
    });
    const port = make();
    const asked = request();
    const first = await port.complete(asked);
    expect(first.stopReason).toBe("tool_use");
    const calls = first.blocks.filter((block) => block.type === "tool_use");
    expect(calls.map((block) => block.input)).toEqual([{ path: "a.md" }, { path: "grüße 🍋.md" }]);
    const streamed = asked.deltas.flatMap((delta) => (delta.type === "text" ? [delta.text] : []));
    expect(streamed.join("")).toBe("Reading.");
    const second = await port.complete(
      request([
        ...asked.messages,
        { role: "assistant", blocks: first.blocks },
        {
          role: "user",
          blocks: calls.map((block) => ({ type: "tool_result", toolUseId: block.id, content: "# Hi", isError: false })),
        },
      ]),
    );
    expect(second.blocks).toEqual([{ type: "text", text: "All read." }]);
    expect(second.stopReason).toBe("end_turn");
    expect(second.usage.cacheReadTokens).toBeGreaterThan(500);
    expect(second.vendorRequestId).toMatch(/^req_/);
    const counted = await ledger();
    for (const [index, { usage }] of [first, second].entries()) {
      const { inputTokens = -1, cacheReadTokens, cacheWriteTokens = -1, outputTokens } = usage;
      // The model books OpenAI's uncached tokens together with those that it wrote to the cache, as that wire does.
      const booked = provider === "openai" ? inputTokens + cacheWriteTokens : inputTokens;
      expect({ inputTokens: booked, cacheReadTokens, cacheWriteTokens, outputTokens }).toEqual({
        ...counted[index],
        images: undefined,
      });
    }
  });

  test.each([
    ["429", "rate_limited"],
    ["529", "overloaded"],
    ["500", "server_error"],
    ["cut", "stream_cut"],
  ])("fault %s is transient %s, once, and the next call is well", async (kind, code) => {
    await control("POST", "/script", { turns: [{ text: "Well. ".repeat(50) }] });
    await control("POST", "/faults", { kind, times: 1, ...(kind === "429" ? { retryAfterSeconds: 3 } : {}) });
    const error = await failureOf(make().complete(request()));
    expect([error.kind, error.code, error.retryAfterMs]).toEqual([
      "transient",
      code,
      kind === "429" ? 3000 : undefined,
    ]);
    expect((await make().complete(request())).stopReason).toBe("end_turn");
  });

  test("bad JSON is kept as text and the answer to it is accepted; an unknown tool comes through as it is", async () => {
    await control("POST", "/faults", { kind: "bad_json", times: 1 });
    const asked = request();
    const bad = await make().complete(asked);
    const call = bad.blocks.find((block) => block.type === "tool_use");
    expect(call).toMatchObject({ input: {}, invalidJson: '{"path": "README.md", "limit": ' });
    await control("POST", "/faults", { kind: "unknown_tool", times: 1 });
    const after = await make().complete(
      request([
        ...asked.messages,
        { role: "assistant", blocks: bad.blocks },
        {
          role: "user",
          blocks: [{ type: "tool_result", toolUseId: call?.id ?? "", content: "Error: no JSON", isError: true }],
        },
      ]),
    );
    expect(
      after.blocks.some((block) => block.type === "tool_use" && block.name === "tool_that_was_never_offered"),
    ).toBe(true);
  });

  test("an image goes through to the model", async () => {
    const base64 = Buffer.from(png(30, 20)).toString("base64");
    const turn = await make().complete(
      request([
        {
          role: "user",
          blocks: [
            { type: "image", mediaType: "image/png", base64 },
            { type: "text", text: "Look." },
          ],
        },
      ]),
    );
    expect(turn.stopReason).toBe("end_turn");
    expect((await ledger())[0]?.images).toBe(1);
  });

  test("a slow answer can be aborted", async () => {
    await control("POST", "/faults", { kind: "slow", times: 1, delayMs: 20_000 });
    const startedAt = performance.now();
    const error = await failureOf(make().complete({ ...request(), signal: AbortSignal.timeout(100) }));
    expect(error.code).toBe("aborted");
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("it can cut a call, refuse beside one, and call with a name or a text that no vendor takes back", async () => {
    const answerTo = async (kind: string) => {
      await control("POST", "/script", { turns: [{ toolCalls: [{ name: "read_file", input: { path: "a.md" } }] }] });
      await control("POST", "/faults", { kind });
      return make().complete(request());
    };
    expect(await answerTo("cut_call")).toMatchObject({
      stopReason: "max_tokens",
      blocks: [{ type: "tool_use", name: "read_file", input: {}, fault: "cut" }],
    });
    const refused = await answerTo("refusal");
    expect(refused.stopReason).toBe("refusal");
    expect(refused.stopDetail).toContain("The local model was told to refuse.");
    expect(refused.blocks.some(({ type }) => type === "tool_use")).toBe(true);
    expect((await answerTo("odd_name")).blocks).toMatchObject([{ type: "tool_use", name: "repo.shell $x" }]);
    expect((await answerTo("odd_text")).blocks).toMatchObject([{ type: "tool_use", input: { path: "\ud800\0" } }]);
  });

  test("a turn that meets its token limit says so", async () => {
    await control("POST", "/script", { turns: [{ text: "word ".repeat(200) }] });
    expect((await make().complete({ ...request(), maxOutputTokens: 16 })).stopReason).toBe("max_tokens");
  });
});
