import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import type { LlmBlock, LlmMessage } from "../../../worker/ports/llm.ts";
import { apiKey, failureOf, makeRequest } from "./fixtures.ts";
import { aimockStand, localStand, type ScriptedTurn, type Stand, type StandFault } from "./stands.ts";

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const read = (path: string) => ({ name: "read_file", input: { path } });
const ask: LlmMessage = { role: "user", blocks: [{ type: "text", text: "Read the readme." }] };

/** One table for both servers: the scripted answers, and the adapters' expected results. */
const conversations: readonly {
  readonly what: string;
  readonly asked?: readonly LlmMessage[];
  readonly turns: readonly ScriptedTurn[];
}[] = [
  { what: "text alone", turns: [{ text: "All is well, thank you. 🍋" }] },
  { what: "one tool call", turns: [{ toolCalls: [read("a.md")] }, { text: "Done." }] },
  {
    what: "several calls at once",
    turns: [{ toolCalls: [read("a"), read("grüße 🍋.md"), read("c")] }, { text: "Done." }],
  },
  { what: "text before calls", turns: [{ text: "Reading.", toolCalls: [read("a"), read("b")] }, { text: "Done." }] },
  { what: "a call without arguments", turns: [{ toolCalls: [{ name: "list_files", input: {} }] }, { text: "Done." }] },
  {
    what: "three rounds",
    turns: [
      { toolCalls: [read("a")] },
      { text: "Hm.", toolCalls: [read("b")] },
      { toolCalls: [read("c")] },
      { text: "Done." },
    ],
  },
  {
    what: "an image in the question",
    asked: [
      {
        role: "user",
        blocks: [
          { type: "text", text: "See." },
          { type: "image", mediaType: "image/png", base64: pixel },
        ],
      },
    ],
    turns: [{ text: "I see." }],
  },
];

const faults: readonly (readonly [StandFault, number | undefined, string, number | undefined])[] = [
  ["429", 3, "rate_limited", 3000],
  ["529", undefined, "overloaded", undefined],
  ["529", 7, "overloaded", 7000],
  ["500", undefined, "server_error", undefined],
  ["cut", undefined, "stream_cut", undefined],
];

describe.each([
  ["the local model", localStand],
  ["aimock", aimockStand],
] as const)("against %s", (_name, start) => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await start();
  });
  afterAll(() => stand.close());
  beforeEach(() => stand.reset());

  describe.each([
    {
      provider: "anthropic" as const,
      model: "claude-opus-5-5",
      make: () => createAnthropic({ apiKey, baseUrl: stand.url }),
    },
    {
      provider: "openai" as const,
      model: "gpt-6.1-sol",
      make: () => createOpenAi({ apiKey, baseUrl: `${stand.url}/v1` }),
    },
  ])("$provider", ({ make, model, provider }) => {
    test.each(conversations)("$what", async ({ asked = [ask], turns }) => {
      await stand.script(turns);
      const port = make();
      let messages = asked;
      for (const turn of turns) {
        const request = makeRequest({ provider, model, messages, effort: "high" });
        const answer = await port.complete(request);
        const calls = answer.blocks.filter((block) => block.type === "tool_use");
        expect(textOf(answer.blocks)).toBe(turn.text ?? "");
        expect(calls.map(({ input, name }) => ({ input, name }))).toEqual(turn.toolCalls ?? []);
        expect(calls.every(({ invalidJson }) => invalidJson === undefined)).toBe(true);
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
        expect(answer.stopReason).toBe(calls.length > 0 ? "tool_use" : "end_turn");
        expect(answer.model).toBe(model);
        expect(answer.vendorRequestId).toMatch(/^req_/u);
        // The streamed deltas add up to the turn.
        const text = request.deltas.flatMap((delta) => (delta.type === "text" ? [delta.text] : [])).join("");
        expect(text).toBe(turn.text ?? "");
        expect(request.deltas.flatMap((delta) => (delta.type === "tool_use_start" ? [delta.id] : []))).toEqual(
          calls.map(({ id }) => id),
        );
        expect(costMicros(model, answer.usage)).toBeGreaterThan(0);
        messages = [
          ...messages,
          { role: "assistant", blocks: answer.blocks },
          {
            role: "user",
            blocks: calls.map(({ id }): LlmBlock => ({
              type: "tool_result",
              toolUseId: id,
              content: `# ${id}`,
              isError: false,
            })),
          },
        ];
      }
      expect(await stand.calls()).toBe(turns.length);
    });

    test.each(faults)(
      "%s with retry-after %s is a transient %s, and the next call is well",
      async (fault, after, code, ms) => {
        const path = "a path long enough to be cut in the middle of its arguments.md";
        await stand.script([{ toolCalls: [read(path), read("b")] }]);
        await stand.failNext(fault, after);
        const request = makeRequest({ provider, model });
        const error = await failureOf(make().complete(request));
        expect([error.kind, error.code, error.retryAfterMs]).toEqual(["transient", code, ms]);
        if (fault === "cut") {
          // It was cut inside the call: a watcher saw it begin, and that is all there is of it.
          expect(request.deltas.some(({ type }) => type === "tool_use_start")).toBe(true);
          await stand.reset();
          await stand.script([{ toolCalls: [read(path), read("b")] }]);
        }
        const well = await make().complete(makeRequest({ provider, model }));
        expect(well.blocks.filter(({ type }) => type === "tool_use")).toMatchObject([
          { input: { path } },
          { input: { path: "b" } },
        ]);
      },
    );
  });
});

function textOf(blocks: readonly LlmBlock[]): string {
  return blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
}
