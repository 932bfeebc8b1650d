import type { CountedTokens } from "./cost.ts";

/** A token of text or code is seldom shorter than three bytes, so a third of the bytes is rather too many than too few. */
const bytesAToken = 3;

/** The tokens of a call that was cut, as they are booked. */
export interface CutUsage {
  readonly usage: {
    readonly inputTokens: number;
    readonly cacheReadTokens: number;
    readonly cacheWriteTokens: number;
    readonly outputTokens: number;
  };
  /** True where a count is not the vendor's. */
  readonly isEstimate: boolean;
}

/**
 * The usage of a call that the vendor began to answer and did not end: it bills the prompt and the answer so far. Counts that it told count;
 * the others are estimated from what was sent and received, so that the cost is known and never below what was told.
 *
 * @param told the counts that came before the cut
 * @param at.isFinal whether the answer's count in `told` is the last one
 * @param at.receivedBytes bytes of the answer that came
 * @param at.promptTokensAtMost one token for each byte that was sent, as `tokensAtMost` counts
 * @param at.maxOutputTokens the longest answer that was asked for
 */
export function cutUsage(
  told: CountedTokens,
  at: {
    readonly isFinal: boolean;
    readonly receivedBytes: number;
    readonly promptTokensAtMost: number;
    readonly maxOutputTokens: number;
  },
): CutUsage {
  const [input, cacheRead, cacheWrite, output] = [
    told.inputTokens,
    told.cacheReadTokens,
    told.cacheWriteTokens,
    told.outputTokens,
  ].map(countOf);
  const received = Math.min(at.maxOutputTokens, Math.ceil(at.receivedBytes / bytesAToken));
  const isFinal = at.isFinal && output !== undefined;
  const outputTokens = isFinal ? output : Math.max(output ?? 0, received);
  if (input !== undefined && cacheRead !== undefined && cacheWrite !== undefined)
    return {
      usage: { inputTokens: input, cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite, outputTokens },
      isEstimate: !isFinal,
    };
  // All of it as new input: the vendor's cache may have had a part, and then it was cheaper.
  const counted = (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0);
  const inputTokens = Math.max(counted, Math.ceil(at.promptTokensAtMost / bytesAToken));
  return { usage: { inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens }, isEstimate: true };
}

/** A count that can be one: whole and from 0. */
function countOf(value: number | null | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
