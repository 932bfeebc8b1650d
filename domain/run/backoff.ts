/**
 * How long to wait before the next try, in milliseconds: exponential from 1 s to 5 min with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), never less than the other side asked for.
 * `failures` counts those before this one, `chance` is in [0, 1).
 */
export function retryDelayMs(failures: number, chance: number, retryAfterMs: number | undefined): number {
  const ceiling = Math.min(300_000, 1000 * 2 ** Math.min(failures, 20));
  const jittered = Math.round(ceiling / 2 + (chance * ceiling) / 2);
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, 3_600_000));
}
