import fc from "fast-check";
import { expect, it } from "vitest";
import { MessageStore } from "../../../durable-objects/run/messages.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

type Stored = { readonly type: string; readonly text?: string };
const block = fc.record({ type: fc.constant("text"), text: fc.string() });
const steps = fc.array(
  fc.record({
    conversation: fc.constantFrom("coder", "reviewer#1"),
    role: fc.constantFrom("user" as const, "assistant" as const),
    blocks: fc.array(block, { maxLength: 3 }),
    reads: fc.constantFrom("coder", "reviewer#1", undefined),
    fails: fc.boolean(),
  }),
  { maxLength: 12 },
);

it("A conversation that is read again has what was added meanwhile, also between commits that failed.", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { sql, storage } = createSqlStorage();
      // The store makes the tables.
      expect(new RunStore(sql)).toBeDefined();
      const store = new MessageStore(sql);
      for (const { blocks, conversation, fails, reads, role } of all) {
        try {
          storage.transactionSync(() => {
            store.add<Stored>(conversation, { role, blocks }, [], 1);
            if (fails) throw new Error("the commit failed");
          });
        } catch {
          // Nothing of it is stored.
        }
        if (reads !== undefined) expect(store.read<Stored>(reads)).toEqual(new MessageStore(sql).read<Stored>(reads));
      }
      for (const name of ["coder", "reviewer#1"])
        expect(store.read<Stored>(name)).toEqual(new MessageStore(sql).read<Stored>(name));
    }),
  );
});

it("A message that was read before is not decoded again.", () => {
  const { sql } = createSqlStorage();
  expect(new RunStore(sql)).toBeDefined();
  const store = new MessageStore(sql);
  store.add<Stored>("coder", { role: "user", blocks: [{ type: "text", text: "a" }] }, [], 1);
  const [first] = store.read<Stored>("coder");
  store.add<Stored>("coder", { role: "assistant", blocks: [{ type: "text", text: "b" }] }, [], 2);
  const again = store.read<Stored>("coder");
  expect(again).toHaveLength(2);
  expect(again[0]).toBe(first);
});
