/** Crons don't fire in a local Worker, so they are called: at once, then every 30 s. https://developers.cloudflare.com/workers/configuration/cron-triggers/ */
const everyMs = 30_000;

/**
 * Calls the Worker's scheduled handler now and every 30 s.
 * @returns a function that ends it
 */
export function startSweeps(url: string): () => void {
  const sweep = async (): Promise<void> => {
    try {
      const response = await fetch(`${url}/cdn-cgi/local/scheduled`, { signal: AbortSignal.timeout(20_000) });
      await response.body?.cancel();
    } catch {
      // A Worker that has just ended is reported elsewhere; the next sweep comes anyway.
    }
  };
  void sweep();
  const timer = setInterval(() => void sweep(), everyMs);
  return () => {
    clearInterval(timer);
  };
}
