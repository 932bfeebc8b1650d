/** The share of the limit that an amount uses, from 0 to 1: 1 when the limit is zero, 0 when there is no limit. */
export function shareOf(micros: number, limitMicros: number | null): number {
  if (limitMicros === null) return 0;
  return limitMicros === 0 ? 1 : Math.min(1, micros / limitMicros);
}

/** A month `2026-11` in words, whole or short: `November 2026`, `Nov`. */
export function monthWords(month: string, length: "long" | "short" = "long"): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  return date.toLocaleDateString("en", {
    timeZone: "UTC",
    ...(length === "long" ? { month: "long", year: "numeric" } : { month: "short" }),
  });
}
