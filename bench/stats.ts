import { isSmoke } from "./smoke.ts";

/** The value at a share (0 to 1) of the sorted numbers, by nearest rank. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly bare: string;
  readonly ratio: string;
  readonly bar: string;
}

/** Prints rows as an aligned table. */
export function printTable(rows: readonly Row[]): void {
  if (isSmoke) console.log("A smoke run: these figures are of a moment and mean nothing.");
  const head: Row = { what: "what", ours: "ours", bare: "bare", ratio: "ratio", bar: "bar" };
  const keys = ["what", "ours", "bare", "ratio", "bar"] as const;
  const widths = keys.map((key) => Math.max(...[head, ...rows].map((row) => row[key].length)));
  for (const row of [head, ...rows])
    console.log(keys.map((key, index) => row[key].padEnd(widths[index] ?? 0)).join("  "));
}

/** A number with one digit and its unit. */
export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** The row of a measure in milliseconds beside its bare one, at a share (0 to 1) of the sorted samples. */
export function besideRow(
  what: string,
  ours: readonly number[],
  bare: readonly number[],
  share: number,
  bar = "",
): Row {
  const [own, beside] = [quantile(ours, share), quantile(bare, share)];
  return { what, ours: ms(own), bare: ms(beside), ratio: `${(own / beside).toFixed(2)}x`, bar };
}
