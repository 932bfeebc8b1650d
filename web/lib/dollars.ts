/** The largest budget of a run, in dollars. */
const mostOfRun = 10_000;

/**
 * Reads an amount of US dollars as people type it (`5`, `0.25`, `$1.50`) into millionths of a dollar, or returns the problem with it.
 * It must be more than nothing, more than `spentMicros`, and at most `mostDollars`, for a run $10,000.
 */
export function readDollars(
  typed: string,
  spentMicros = 0,
  mostDollars = mostOfRun,
): { micros: number } | { problem: string } {
  const digits = typed.trim().replace(/^\$\s*/, "");
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(digits)) return { problem: "Type an amount in dollars, as in 5 or 0.25." };
  const micros = Math.round(Number(digits) * 1_000_000);
  if (micros === 0) return { problem: "It must be more than $0." };
  if (micros > mostDollars * 1_000_000) return { problem: `It may be at most $${mostDollars.toLocaleString("en")}.` };
  if (micros <= spentMicros)
    return { problem: `The run has spent ${dollarsOf(spentMicros)} already: set more than that.` };
  return { micros };
}

/** Millionths of a dollar as an exact amount: `$0.004213`, `$5`. */
export function dollarsOf(micros: number): string {
  return `$${plainDollars(micros)}`;
}

/** The same without the sign, as a field shows it: `0.004213`, `5`. */
export function plainDollars(micros: number): string {
  if (micros % 1_000_000 === 0) return String(micros / 1_000_000);
  return (micros / 1_000_000).toFixed(micros % 10_000 === 0 ? 2 : 6).replace(/(\.\d\d\d*?)0+$/, "$1");
}
