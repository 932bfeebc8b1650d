/**
 * A function that does `work` once, `afterMs` after it was called first; calls until then add nothing.
 *
 * @param afterMs milliseconds
 */
export function inAMoment(afterMs: number, work: () => void): () => void {
  let isPlanned = false;
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    setTimeout(() => {
      isPlanned = false;
      work();
    }, afterMs);
  };
}
