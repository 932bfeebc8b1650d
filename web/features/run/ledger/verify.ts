import type { Ledger } from "../../../../contracts/ledger.ts";

/** Canonical JSON: keys sorted by UTF-16 code unit at every depth, no spaces, scalars as JSON.stringify writes them (RFC 8785's subset). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Verdict =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly index: number; readonly reason: string };

/** Recomputes the whole chain here, trusting nothing that the server says about it: order, links, each entry's hash, the head. */
export async function verifyLedger(ledger: Ledger): Promise<Verdict> {
  let previous = "0".repeat(64);
  for (const [index, entry] of ledger.entries.entries()) {
    const { hash, ...rest } = entry;
    if (entry.index !== index)
      return {
        ok: false,
        index,
        reason: `Entry ${index} says that it is number ${entry.index}: one is missing or out of order.`,
      };
    if (entry.previous !== previous)
      return { ok: false, index, reason: `Entry ${index} doesn’t follow the one before it.` };
    const own = await sha256Hex(canonicalJson(rest));
    if (own !== hash)
      return {
        ok: false,
        index,
        reason: `Entry ${index} was changed after it was sealed: its content hashes to ${own.slice(0, 12)}…, not ${hash.slice(0, 12)}….`,
      };
    previous = hash;
  }
  if (ledger.head !== previous)
    return {
      ok: false,
      index: ledger.entries.length,
      reason: "The head isn’t the hash of the last entry: entries are missing at the end.",
    };
  return { ok: true, entries: ledger.entries.length, head: previous };
}
