import type { Ledger, LedgerEntry } from "../../contracts/ledger.ts";
import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../hash.ts";

/** The hash before the first entry. */
export const genesisHash = "0".repeat(64);

/** The next entry after `previous` (undefined at the start), sealed with its hash. */
export function sealEntry(
  previous: LedgerEntry | undefined,
  entry: Pick<LedgerEntry, "atMs" | "kind" | "data">,
): LedgerEntry {
  const open = {
    index: previous === undefined ? 0 : previous.index + 1,
    atMs: entry.atMs,
    kind: entry.kind,
    data: entry.data,
    previous: previous?.hash ?? genesisHash,
  };
  return { ...open, hash: sha256Hex(canonicalJson(open)) };
}

export type LedgerVerdict =
  | { readonly ok: true; readonly entries: number }
  | { readonly ok: false; readonly index: number; readonly reason: string };

/** Recomputes every link. A changed, missing, added or moved entry is found at the first index where the chain breaks. */
export function verifyLedger(ledger: Pick<Ledger, "entries" | "head">): LedgerVerdict {
  let previous = genesisHash;
  for (const [position, entry] of ledger.entries.entries()) {
    const { hash, ...open } = entry;
    if (entry.index !== position) return { ok: false, index: position, reason: "an entry is missing or out of order" };
    if (entry.previous !== previous)
      return { ok: false, index: position, reason: "the link to the entry before is broken" };
    if (sha256Hex(canonicalJson(open)) !== hash)
      return { ok: false, index: position, reason: "the entry was changed after it was sealed" };
    previous = hash;
  }
  if (ledger.head !== previous)
    return { ok: false, index: ledger.entries.length, reason: "the ledger's head is not its last entry" };
  return { ok: true, entries: ledger.entries.length };
}
