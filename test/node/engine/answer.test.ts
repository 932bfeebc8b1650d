import { expect, it } from "vitest";
import { closeCalls, takeAnswer } from "../../../worker/services/run/engine/answer.ts";
import type { LlmBlock } from "../../../worker/ports/llm.ts";

const at = { told: [], turn: 7, limitTokens: 64_000 };
const call = (id: string, name: string, input: unknown = {}): Extract<LlmBlock, { type: "tool_use" }> => ({
  type: "tool_use",
  id,
  name,
  input,
});
const take = (...blocks: LlmBlock[]) => takeAnswer({ blocks, stopReason: "tool_use" }, at);

it("names, ids and texts are made such as vendors take back", () => {
  const thinking = { type: "thinking" as const, text: "a\0b", opaque: { type: "thinking", signature: "s" } };
  const { blocks } = take(
    thinking,
    { type: "text", text: "\ud800", phase: "commentary" },
    call("call_1", ""),
    call("call_1", "shell", { command: "\ud800\0" }),
    call("id with spaces", "repo.shell $x"),
  );
  expect(blocks).toEqual([
    { ...thinking, text: "a\ufffdb" },
    { type: "text", text: "\ufffd", phase: "commentary" },
    { type: "tool_use", id: "call_1", name: "unknown-unnamed", input: {} },
    { type: "tool_use", id: "turn7-3", name: "shell", input: { command: "\ufffd\ufffd" } },
    { type: "tool_use", id: "turn7-4", name: "unknown-repo_shell__x", input: {} },
  ]);
});

it("an id that the conversation had before is another one now", () => {
  const told = [{ role: "assistant" as const, blocks: [call("call_0", "grep")] }];
  const { calls } = takeAnswer({ blocks: [call("call_0", "grep")], stopReason: "tool_use" }, { ...at, told });
  expect(calls.map(({ id }) => id)).toEqual(["turn7-0"]);
});

it("a call that was cut is closed with the way to go on, whole ones are left to be run", () => {
  const whole = call("a", "read_file", { path: "x" });
  const cut = { ...call("b", "write_file"), invalidJson: '{"path":"y', fault: "cut" as const };
  const taken = takeAnswer({ blocks: [whole, cut], stopReason: "max_tokens" }, at);
  expect(taken.calls).toEqual([whole, cut]);
  expect(taken.closed.map(({ call: { id } }) => id)).toEqual(["b"]);
  const { events, results } = closeCalls(taken.closed, { stage: "coder", turn: 3 });
  expect(events.map(({ type }) => type)).toEqual(["tool.started", "tool.finished"]);
  expect(results).toMatchObject([{ toolUseId: "b", isError: true }]);
  expect(JSON.stringify(results)).toContain("cut at its limit of 64000 tokens inside this call");
});

it("nothing of a refused answer is taken but the vendor's reason", () => {
  const refused = { blocks: [call("a", "shell")], stopReason: "refusal" as const, stopDetail: "cyber: no\0" };
  expect(takeAnswer(refused, at)).toEqual({
    blocks: [],
    calls: [],
    closed: [],
    inputs: [],
    stopDetail: "cyber: no\ufffd",
  });
});

it("a call of a kind that was not offered has the name of no tool", () => {
  expect(take({ ...call("a", "shell"), fault: "not_offered" }).calls[0]?.name).toBe("unknown-shell");
});

it("an input of 50,000 levels is refused to the model, and a vendor's item of that depth is left out", () => {
  const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
  const taken = take({ type: "thinking", text: "t", opaque: deep }, call("a", "shell", { command: deep }));
  expect(taken.blocks).toEqual([
    { type: "thinking", text: "t" },
    { type: "tool_use", id: "a", name: "shell", input: {} },
  ]);
  expect(taken.closed[0]?.reason).toContain("nested more than 64 deep");
});

it("an answer of thousands of calls is not taken", () => {
  const taken = take(...Array.from({ length: 1_000 }, (_, index) => call(`c${index}`, "grep")));
  expect(taken).toMatchObject({ calls: [], blocks: [{ type: "text" }] });
});

it("arguments stay as they were written, unless they had to be changed", () => {
  const rawInput = '{ "path" : "x" }';
  expect(take({ ...call("a", "read_file", { path: "x" }), rawInput }).calls[0]?.rawInput).toBe(rawInput);
  const nul = { ...call("a", "read_file", { path: "\0" }), rawInput: '{ "path" : "\\u0000" }' };
  expect(take(nul).calls[0]).toEqual(call("a", "read_file", { path: "\ufffd" }));
});
