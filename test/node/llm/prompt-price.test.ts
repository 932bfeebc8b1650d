import { expect, test } from "vitest";
import { billAnthropic, billOpenAi, type SentRequest } from "../../../bench/prompt-price.ts";
import { buildMessagesRequest } from "../../../worker/adapters/anthropic/request.ts";
import { buildResponsesRequest } from "../../../worker/adapters/openai/request.ts";
import type { LlmMessage } from "../../../worker/ports/llm.ts";
import { makeRequest } from "./fixtures.ts";

/** The bodies of `turns` requests of one conversation, each with `calls` calls more than the one before. */
function bodies(turns: number, calls: number, build: (messages: readonly LlmMessage[]) => object): SentRequest[] {
  const messages: LlmMessage[] = [{ role: "user", blocks: [{ type: "text", text: "r".repeat(4000) }] }];
  return Array.from({ length: turns }, (_, turn) => {
    const body = JSON.stringify(build([...messages]));
    const ids = Array.from({ length: calls }, (_unused, call) => `t${turn}-${call}`);
    messages.push(
      {
        role: "assistant",
        blocks: ids.map((id) => ({ type: "tool_use", id, name: "read_file", input: { path: id } })),
      },
      {
        role: "user",
        blocks: ids.map((id) => ({ type: "tool_result", toolUseId: id, content: id.repeat(400), isError: false })),
      },
    );
    return { body, atMs: turn * 20_000 };
  });
}
const claude = (messages: readonly LlmMessage[]): object =>
  buildMessagesRequest(makeRequest({ provider: "anthropic", model: "claude-opus-5-5", messages }));
const codex = (messages: readonly LlmMessage[]): object =>
  buildResponsesRequest(makeRequest({ provider: "openai", model: "gpt-6.1-sol", messages }));

test.each([1, 9, 10, 25, 60])("with %i calls a turn, every call reads all that the one before sent", (calls) => {
  const bills = billAnthropic(bodies(6, calls, claude), "opus");
  for (const [index, bill] of bills.entries()) {
    const before = bills[index - 1];
    expect(bill.uncached).toBe(0);
    expect(bill.read).toBe(before === undefined ? 0 : before.read + before.written);
  }
});

test("Codex reads all that the call before sent, too", () => {
  const bills = billOpenAi(bodies(6, 10, codex));
  for (const [index, bill] of bills.entries())
    expect(bill.read).toBe(index === 0 ? 0 : (bills[index - 1]?.read ?? 0) + (bills[index - 1]?.written ?? 0));
});

test("without its cache points the same conversation is read from no cache at all", () => {
  const bare = bodies(4, 3, claude).map(({ atMs, body }) => ({
    atMs,
    body: body.replaceAll(',"cache_control":{"type":"ephemeral"}', ""),
  }));
  for (const bill of billAnthropic(bare, "opus")) expect([bill.read, bill.written]).toEqual([0, 0]);
});

test("a prefix that changed, a pause past the lifetime and a short prompt are not read from the cache", () => {
  const sent = bodies(2, 3, claude);
  const changed = sent.map(({ atMs, body }, index) => ({ atMs, body: body.replace("You are", `${index} are`) }));
  expect(billAnthropic(changed, "opus")[1]?.read).toBeLessThan(500);
  const late = sent.map(({ body }, index) => ({ atMs: index * 301_000, body }));
  expect(billAnthropic(late, "opus")[1]?.read).toBe(0);
  expect(billAnthropic(bodies(2, 1, claude), "haiku").map(({ read, written }) => read + written)).toEqual([0, 0]);
});

test("more points than the vendor allows are no price at all", () => {
  const [first] = bodies(1, 1, claude);
  const block = { type: "text", text: "x", cache_control: { type: "ephemeral" } };
  const body = JSON.stringify({ messages: [{ role: "user", content: Array.from({ length: 5 }, () => block) }] });
  expect(() => billAnthropic([{ atMs: 0, body }], "opus")).toThrow("four");
  expect((first?.body.match(/cache_control/g) ?? []).length).toBeLessThanOrEqual(4);
});
