import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../../contracts/ledger.ts";
import { canonicalJson } from "../../../domain/canonical-json.ts";
import { sealEntry, verifyLedger } from "../../../domain/ledger/chain.ts";

describe("the ledger", () => {
  const chain = (count: number): readonly LedgerEntry[] => {
    const entries: LedgerEntry[] = [];
    for (let index = 0; index < count; index += 1)
      entries.push(sealEntry(entries.at(-1), { atMs: index, kind: "state", data: { step: index } }));
    return entries;
  };

  it("verifies as it was sealed", () => {
    const entries = chain(5);
    expect(verifyLedger({ entries: [...entries], head: entries.at(-1)?.hash ?? "" })).toEqual({ ok: true, entries: 5 });
  });

  it("finds every change, loss, swap and forged head", () => {
    const entries = chain(5);
    const head = entries.at(-1)?.hash ?? "";
    const [a, b, c, d, e] = entries;
    if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined)
      throw new Error("unreachable");
    expect(verifyLedger({ entries: [a, { ...b, data: { step: 9 } }, c, d, e], head })).toMatchObject({
      ok: false,
      index: 1,
    });
    expect(verifyLedger({ entries: [a, c, d, e], head })).toMatchObject({ ok: false, index: 1 });
    expect(verifyLedger({ entries: [a, c, b, d, e], head })).toMatchObject({ ok: false });
    expect(verifyLedger({ entries: [a, b, c, d], head })).toMatchObject({ ok: false, index: 4 });
    expect(
      verifyLedger({ entries: [a, { ...b, atMs: 7, hash: sealEntry(a, { ...b, atMs: 7 }).hash }, c, d, e], head }),
    ).toMatchObject({ ok: false, index: 2 });
  });

  it("writes JSON one way only", () => {
    expect(canonicalJson({ b: 1, a: [true, null, { d: "x", c: undefined }] })).toBe(
      '{"a":[true,null,{"d":"x"}],"b":1}',
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
