import { createHash } from "node:crypto";
import type { Ledger } from "../../contracts/ledger.ts";

/** One text for one JSON value: keys sorted at every depth, no spaces. Written apart from the product's, as a second opinion. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}

/**
 * Recomputes a ledger's SHA-256 chain from its exported file.
 * @returns undefined when it holds, else where and why it breaks
 */
export function findLedgerBreak(ledger: Ledger): string | undefined {
  let previous = "0".repeat(64);
  for (const [index, entry] of ledger.entries.entries()) {
    const { hash, ...rest } = entry;
    if (rest.index !== index) return `entry ${index} is numbered ${rest.index}`;
    if (rest.previous !== previous) return `entry ${index} doesn't follow the entry before it`;
    if (createHash("sha256").update(canonical(rest)).digest("hex") !== hash)
      return `entry ${index} was changed after it was written`;
    previous = hash;
  }
  if (ledger.entries.length === 0) return "the ledger is empty";
  return ledger.head === previous ? undefined : "the head isn't the last entry";
}
