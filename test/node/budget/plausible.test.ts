import { expect, it } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { outputLimit } from "../../../domain/budget/output-limit.ts";
import { plausibleUsage } from "../../../domain/budget/plausible-usage.ts";

const bound = { promptTokens: 50_000, outputTokens: 64_000 };

it("counts that the call can have had are the vendor's", () => {
  const usage = { inputTokens: 40_000, cacheReadTokens: 9_000, cacheWriteTokens: 0, outputTokens: 64_001 };
  expect(plausibleUsage(usage, bound)).toEqual({ usage, problem: undefined });
  const unknown = { inputTokens: undefined, cacheReadTokens: 1, cacheWriteTokens: 2, outputTokens: undefined };
  expect(plausibleUsage(unknown, bound).usage).toBe(unknown);
});

it("quadrillions of tokens are booked as the most that the call can have cost, and told", () => {
  const usage = { inputTokens: 9e15, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 9e15 };
  const { problem, usage: booked } = plausibleUsage(usage, bound);
  expect(booked).toEqual({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 50_000, outputTokens: 64_000 });
  expect(costMicros("claude-opus-5-5", booked)).toBe(50_000 * 5 + 64_000 * 20);
  expect(problem).toContain("9000000000000000 tokens of input, where at most 50000 can have been sent");
});

it("the output limit goes by model and stage, and grows after answers that were cut", () => {
  expect(outputLimit("claude-opus-5-5", "coder", 0)).toBe(64_000);
  expect(outputLimit("claude-opus-5-5", "triage", 0)).toBe(32_000);
  expect(outputLimit("claude-opus-5-5", "coder", 1)).toBe(128_000);
  expect(outputLimit("claude-opus-5-5", "coder", 9)).toBe(128_000);
  expect(outputLimit("a-model-of-somebody", "coder", 1)).toBe(16_000);
});
