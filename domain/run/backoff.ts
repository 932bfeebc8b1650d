/** Where the wait starts: a provider that is overloaded gets more room than a stream that broke off. */
export const retryBaseMs = { overload: 4_000, other: 1_000 } as const;

/** The longest that another side's wish is followed; the run shows when it tries again, and a person may resume it before. */
export const longestAskedMs = 3_600_000;

/**
 * The wait before the next try, in milliseconds: doubling from `baseMs` to 5 min, less up to a fifth by chance so that
 * many runs don't retry at once. Never less than the other side asked for (an hour at most), and after that by chance up to a
 * tenth later, 30 s at most: it asked all of them for the same moment. From an overload's base, twelve calls span more than 20
 * minutes. `failures` counts those before this one, `chance` is in [0, 1).
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  failures: number,
  chance: number,
  retryAfterMs: number | undefined,
  baseMs: number = retryBaseMs.other,
): number {
  const ceiling = Math.min(300_000, baseMs * 2 ** Math.min(failures, 20));
  const jittered = Math.round(ceiling * (0.8 + chance * 0.2));
  const asked = Math.min(Math.max(0, retryAfterMs ?? 0), longestAskedMs);
  return Math.max(jittered, asked + Math.round(chance * Math.min(asked / 10, 30_000)));
}
