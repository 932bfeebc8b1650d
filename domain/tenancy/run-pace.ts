/** The runs of a tenant that may begin to work together; the next ones follow one after the other, this time apart. */
const together = 5;
const gapMs = 1_000;
const tenantsRemembered = 10_000;

/**
 * Spreads the work of a tenant's many starts, so that sandboxes and models, which all tenants share, get one run of it after the other.
 * A run that waits for its turn is started and queued; the time is kept by its object. It holds for one isolate.
 * https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export class RunPace {
  /** When a tenant may begin `together` runs again, in UTC milliseconds. */
  readonly #freeAtMs = new Map<number, number>();

  /**
   * Takes a turn for one more run of the tenant.
   *
   * @param nowMs UTC milliseconds
   * @returns for how long the run's work waits, in milliseconds
   */
  workAfterMs(tenantId: number, nowMs: number): number {
    if (this.#freeAtMs.size >= tenantsRemembered)
      for (const [each, atMs] of this.#freeAtMs) if (atMs <= nowMs) this.#freeAtMs.delete(each);
    const freeAtMs = Math.max(nowMs, this.#freeAtMs.get(tenantId) ?? 0) + gapMs;
    this.#freeAtMs.set(tenantId, freeAtMs);
    return Math.max(0, freeAtMs - nowMs - together * gapMs);
  }
}
