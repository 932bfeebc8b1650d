import { expect, test } from "vitest";
import type { RunEffect } from "../../../contracts/effect.ts";
import { parkedText } from "../../../web/features/run/model/parked.ts";

const effect = (fields: Partial<RunEffect>): RunEffect => ({
  ...{ id: "1:audit", kind: "audit", status: "parked", tries: 12, lastError: "no such table", atMs: 1 },
  nextTryAtMs: null,
  ...fields,
});

test("parked effects are told by their kinds and the last failure; those that are tried again by themselves are not", () => {
  expect(parkedText([])).toBeNull();
  expect(parkedText([effect({ status: "pending" })])).toBeNull();
  expect(parkedText([effect({})])).toBe(
    "1 effect of this run failed too often and will not be tried again without you: an audit entry. The run and its events are kept. The last failure: no such table.",
  );
  const two = parkedText([effect({}), effect({ kind: "notice", lastError: null }), effect({ status: "pending" })]);
  expect(two).toContain("2 effects of this run");
  expect(two).toContain("an audit entry, a notice.");
  expect(two).not.toContain("failure:");
});
