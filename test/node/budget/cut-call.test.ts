import { expect, test } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { cutUsage } from "../../../domain/budget/cut-call.ts";

const at = { isFinal: false, receivedBytes: 300, promptTokensAtMost: 30_000, maxOutputTokens: 16_000 };
const told = { inputTokens: 10, cacheReadTokens: 20_000, cacheWriteTokens: 500, outputTokens: 1 };

test("Counts that were all told are booked as they are, and are no estimate.", () => {
  expect(cutUsage({ ...told, outputTokens: 50 }, { ...at, isFinal: true })).toEqual({
    usage: { ...told, outputTokens: 50 },
    isEstimate: false,
  });
});

test("An answer that broke off counts what came of it, and no less than was told.", () => {
  expect(cutUsage(told, at)).toEqual({ usage: { ...told, outputTokens: 100 }, isEstimate: true });
  expect(cutUsage({ ...told, outputTokens: 400 }, at).usage.outputTokens).toBe(400);
});

test("The answer's estimate is never longer than the answer that was asked for.", () => {
  expect(cutUsage(told, { ...at, receivedBytes: 10_000_000 }).usage.outputTokens).toBe(16_000);
});

test.each([undefined, null, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "A count of %s is unknown, so the prompt is estimated and the call still has a cost.",
  (count) => {
    const cut = cutUsage({ ...told, inputTokens: count, cacheReadTokens: 0 }, { ...at, isFinal: true });
    expect(cut.isEstimate).toBe(true);
    expect(cut.usage.inputTokens).toBe(10_000);
    expect(costMicros("claude-opus-5-5", cut.usage)).toBeGreaterThan(0);
  },
);

test("A prompt's estimate is never below the counts that were told of it.", () => {
  const cut = cutUsage({ cacheReadTokens: 25_000 }, at);
  expect(cut.usage.inputTokens).toBe(25_000);
});

test("Nothing told and nothing received is the prompt alone.", () => {
  expect(cutUsage({}, { ...at, receivedBytes: 0 }).usage).toEqual({
    inputTokens: 10_000,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
  });
});
