import { prices } from "./prices.ts";

/** Tokens of one call. `inputTokens` excludes cached ones; undefined or null: not known. */
export interface CountedTokens {
  readonly inputTokens?: number | null | undefined;
  readonly cacheReadTokens?: number | null | undefined;
  readonly cacheWriteTokens?: number | null | undefined;
  readonly outputTokens?: number | null | undefined;
}

/** A rate in dollars per million tokens is micro-dollars per token; a millionth of that is the finest unit any list uses. */
const unitsPerMicro = 1_000_000;

/**
 * The cost of one model call in millionths of a US dollar, rounded up to a whole one. Null when the model has no published
 * price or when a count is unknown or no count at all (negative, a fraction): unknown is never zero.
 */
export function costMicros(modelId: string, usage: CountedTokens): number | null {
  const price = Object.hasOwn(prices, modelId) ? prices[modelId] : undefined;
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  if (price === undefined) return null;
  if (!isCount(inputTokens) || !isCount(cacheReadTokens) || !isCount(cacheWriteTokens) || !isCount(outputTokens)) {
    return null;
  }
  const promptTokens = inputTokens + cacheReadTokens + cacheWriteTokens;
  const rates = price.long !== undefined && promptTokens > price.long.overTokens ? price.long : price;
  const units =
    at(inputTokens, rates.input) +
    at(cacheReadTokens, rates.cacheRead) +
    at(cacheWriteTokens, rates.cacheWrite) +
    at(outputTokens, rates.output);
  const perMicro = BigInt(unitsPerMicro);
  return Number((units + perMicro - 1n) / perMicro);
}

function at(tokens: number, rate: number): bigint {
  return BigInt(tokens) * BigInt(Math.round(rate * unitsPerMicro));
}

function isCount(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
