import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Ledger, LedgerEntry } from "../../../contracts/ledger.ts";
import { sealEntry } from "../../../domain/ledger/chain.ts";
import { findLedgerBreak } from "../../../local/stack/verify-ledger.ts";

function ledgerOf(count: number): Ledger {
  const entries: LedgerEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    entries.push(
      sealEntry(entries.at(-1), {
        atMs: 1000 + index,
        kind: "decision",
        data: { z: index, a: { y: [1, null, "é"], x: true } },
      }),
    );
  }
  return { format: "assembly-lime-ledger/1", runId: "1", entries, head: entries.at(-1)?.hash ?? "0".repeat(64) };
}

test("the product's chain verifies by a computation of its own", () => {
  expect(findLedgerBreak(ledgerOf(3))).toBeUndefined();
});

test("the first hash is SHA-256 over sorted keys without spaces", () => {
  const text =
    '{"atMs":1000,"data":{"a":{"x":true,"y":[1,null,"é"]},"z":0},"index":0,"kind":"decision","previous":"' +
    "0".repeat(64) +
    '"}';
  expect(ledgerOf(1).head).toBe(createHash("sha256").update(text).digest("hex"));
});

test("a changed, dropped or added entry is found", () => {
  const ledger = ledgerOf(3);
  const changed = ledger.entries.map((entry, index) => (index === 1 ? { ...entry, data: { z: 9 } } : entry));
  expect(findLedgerBreak({ ...ledger, entries: changed })).toMatch(/entry 1 was changed/);
  expect(findLedgerBreak({ ...ledger, entries: ledger.entries.slice(1) })).toMatch(/entry 0 is numbered 1/);
  expect(findLedgerBreak({ ...ledger, entries: ledger.entries.slice(0, 2) })).toMatch(/head/);
  expect(findLedgerBreak({ ...ledger, entries: [] })).toMatch(/empty/);
});
