import { generateNKeysBetween } from "fractional-indexing";

/** Ranks longer than this are given anew: many moves into the same gap make them grow. */
export const longestRank = 40;

/**
 * `count` ranks in order between two ranks; null is the column's start or end. Ranks are text, compared character by character
 * (fractional indexing, https://github.com/rocicorp/fractional-indexing).
 */
export function ranksBetween(after: string | null, before: string | null, count: number): readonly string[] {
  return generateNKeysBetween(after, before, count);
}

/** Whether these new ranks have grown so long that the whole column should be ranked anew. */
export function haveGrown(ranks: readonly string[]): boolean {
  return ranks.some((rank) => rank.length > longestRank);
}
