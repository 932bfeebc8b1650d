import type { CountedTokens } from "./cost.ts";

/** So many times the bound are still believed: vendors add tokens of their own and count images in their way. */
const tolerance = 2;

/** The counts of a call as they are booked, and the reason where they are not the vendor's. */
export interface PlausibleUsage<U> {
  readonly usage: U;
  readonly problem: string | undefined;
}

/**
 * Holds a vendor's counts against what the call can have used. A prompt or an answer that is counted far beyond it is booked as the most
 * that it can have been, so that one wrong number spoils no sum; counts that the vendor left out stay unknown.
 *
 * @param bound tokens of the prompt and of the answer that the call can have had at most
 */
export function plausibleUsage<U extends CountedTokens>(
  usage: U,
  bound: { readonly promptTokens: number; readonly outputTokens: number },
): PlausibleUsage<U> {
  const { cacheReadTokens, cacheWriteTokens, inputTokens, outputTokens } = usage;
  const prompt = (inputTokens ?? 0) + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  const output = outputTokens ?? 0;
  const problems: string[] = [];
  let booked = usage;
  if (prompt > bound.promptTokens * tolerance) {
    booked = { ...booked, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: bound.promptTokens };
    problems.push(`${prompt} tokens of input, where at most ${bound.promptTokens} can have been sent`);
  }
  if (output > bound.outputTokens * tolerance) {
    booked = { ...booked, outputTokens: bound.outputTokens };
    problems.push(`${output} tokens of output, where at most ${bound.outputTokens} were asked for`);
  }
  return {
    usage: booked,
    problem:
      problems.length === 0
        ? undefined
        : `The model's provider reported ${problems.join(" and ")}. The call was booked with those most instead: compare the provider's bill.`,
  };
}
