import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { expect, test, vi } from "vitest";
import { shownTools } from "../../../worker/services/run/tools/registry.ts";
import { makeRepository } from "./agent-support.ts";
import type { Repository } from "./agent-support.ts";
import { useModel } from "./support.ts";

vi.setConfig({ testTimeout: 120_000 });

const coderTools = [
  "read_file",
  "list_files",
  "grep",
  "edit_file",
  "write_file",
  "shell",
  "git_diff",
  "run_tests",
  "finish",
] as const;
const model = useModel();
const request =
  "Mode: bugfix\nRepository: example/sample (base branch main)\nTest command: node --test\n\nRequest:\nThe tests fail.";
const files = {
  "package.json": '{ "type": "module", "scripts": { "test": "node --test" } }',
  "max.js": "export const max = (a, b) => (a < b ? a : b);\n",
  "test/max.test.js":
    'import assert from "node:assert";\nimport { test } from "node:test";\nimport { max } from "../max.js";\ntest("max", () => { assert.equal(max(1, 2), 2); assert.equal(max(3, 2), 3); assert.equal(max(2, 2), 2); });\n',
};

function schemaOf(name: (typeof coderTools)[number]): Readonly<Record<string, unknown>> {
  return shownTools("coder", "bugfix", null).find((tool) => tool.name === name)?.inputSchema ?? {};
}

test("a bug is repaired over the Messages wire, streaming, with the prefix read from the cache", async () => {
  const repository = makeRepository(files);
  const tools = coderTools.map((name): Anthropic.Tool => ({
    name,
    input_schema: { ...schemaOf(name), type: "object" },
  }));
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: request }];
  const usage: Anthropic.Usage[] = [];
  for (let turn = 0; turn < 40; turn += 1) {
    const answer = await model
      .anthropic()
      .messages.stream({
        model: "claude-sonnet-5-5",
        max_tokens: 32_000,
        tools,
        messages,
        cache_control: { type: "ephemeral" },
      })
      .finalMessage();
    usage.push(answer.usage);
    const uses = answer.content.filter((block) => block.type === "tool_use");
    if (uses.length === 0 || uses.some((use) => use.name === "finish")) break;
    messages.push({ role: "assistant", content: answer.content.map(sentBack) });
    const results: Anthropic.ToolResultBlockParam[] = [];
    for (const use of uses) {
      const { content, isError } = await repository.executor.call(use.name, use.input);
      results.push({ type: "tool_result", tool_use_id: use.id, content, ...(isError ? { is_error: true } : {}) });
    }
    messages.push({ role: "user", content: results });
  }
  await expectRepaired(repository);
  expect(usage[0]?.cache_read_input_tokens).toBe(0);
  for (const [index, one] of usage.slice(1).entries()) {
    const before = usage[index];
    expect(one.cache_read_input_tokens).toBe(
      (before?.cache_read_input_tokens ?? 0) + (before?.cache_creation_input_tokens ?? 0),
    );
  }
});

test("a bug is repaired over the Responses wire, streaming", async () => {
  const repository = makeRepository(files);
  const tools = coderTools.map((name): OpenAI.Responses.Tool => ({
    type: "function",
    name,
    strict: false,
    parameters: schemaOf(name),
  }));
  const input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: request }];
  for (let turn = 0; turn < 40; turn += 1) {
    const answer = await model
      .openai()
      .responses.stream({ model: "gpt-6-astra", tools, input, store: false })
      .finalResponse();
    const calls = answer.output.filter((item) => item.type === "function_call");
    if (calls.length === 0 || calls.some((call) => call.name === "finish")) break;
    for (const item of answer.output) {
      if (item.type === "message") input.push({ role: "assistant", content: answer.output_text });
      if (item.type === "function_call")
        input.push({ type: "function_call", call_id: item.call_id, name: item.name, arguments: item.arguments });
    }
    for (const call of calls) {
      const { content } = await repository.executor.call(call.name, JSON.parse(call.arguments));
      input.push({ type: "function_call_output", call_id: call.call_id, output: content });
    }
  }
  await expectRepaired(repository);
});

function sentBack(block: Anthropic.ContentBlock): Anthropic.ContentBlockParam {
  if (block.type === "tool_use") return { type: "tool_use", id: block.id, name: block.name, input: block.input };
  return { type: "text", text: block.type === "text" ? block.text : "" };
}

async function expectRepaired({ executor }: Repository): Promise<void> {
  expect((await executor.tests()).code).toBe(0);
}
