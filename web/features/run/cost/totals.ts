import type { ModelCall } from "../../../../contracts/run.ts";

/** Sum of what is known; `unknown` counts the calls that left it out. */
export interface Sum {
  readonly known: number;
  readonly unknown: number;
}

export interface Totals {
  readonly inputTokens: Sum;
  readonly cacheReadTokens: Sum;
  readonly cacheWriteTokens: Sum;
  readonly outputTokens: Sum;
  /** Millionths of a dollar. */
  readonly costMicros: Sum;
  readonly latencyMs: number;
  /** Part of the prompts' tokens that came from the cache, from 0 to 1; null when no call reports it. */
  readonly cacheShare: number | null;
}

function sumOf(values: readonly (number | null)[]): Sum {
  const known = values.filter((value) => value !== null);
  return { known: known.reduce((sum, value) => sum + value, 0), unknown: values.length - known.length };
}

/** The totals of a run's model calls. Unknown figures of a call are counted apart, never as zero. */
export function totalsOf(calls: readonly ModelCall[]): Totals {
  const counted = calls.filter(
    (call) => call.inputTokens !== null && call.cacheReadTokens !== null && call.cacheWriteTokens !== null,
  );
  const read = sumOf(counted.map((call) => call.cacheReadTokens)).known;
  const prompt =
    read +
    sumOf(counted.map((call) => call.inputTokens)).known +
    sumOf(counted.map((call) => call.cacheWriteTokens)).known;
  return {
    inputTokens: sumOf(calls.map((call) => call.inputTokens)),
    cacheReadTokens: sumOf(calls.map((call) => call.cacheReadTokens)),
    cacheWriteTokens: sumOf(calls.map((call) => call.cacheWriteTokens)),
    outputTokens: sumOf(calls.map((call) => call.outputTokens)),
    costMicros: sumOf(calls.map((call) => call.costMicros)),
    latencyMs: calls.reduce((sum, call) => sum + call.latencyMs, 0),
    cacheShare: prompt === 0 ? null : read / prompt,
  };
}

/** A sum as people read it: `$0.42`, `at least $0.42` when the cost of some calls is unknown, `unknown` when that of all is. */
export function sumWords({ known, unknown }: Sum, count: number, format: (value: number) => string): string {
  if (unknown === 0) return format(known);
  return unknown === count ? "unknown" : `at least ${format(known)}`;
}
