import * as z from "zod";
import { idSchema, sha256Schema, timeMsSchema } from "./common.ts";

export const ledgerKinds = [
  "request",
  "decision",
  "model_call",
  "patch_set",
  "policy",
  "gate",
  "approval",
  "write",
  "ci",
  "state",
] as const;

/** One link: `hash` = SHA-256 of the canonical JSON of all other fields, `previous` the hash before it (64 zeros at first). */
export const ledgerEntrySchema = z.object({
  index: z.int().min(0),
  atMs: timeMsSchema,
  kind: z.enum(ledgerKinds),
  data: z.record(z.string(), z.unknown()),
  previous: sha256Schema,
  hash: sha256Schema,
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

export const ledgerSchema = z
  .object({
    format: z.literal("assembly-lime-ledger/1"),
    runId: idSchema,
    entries: z.array(ledgerEntrySchema),
    head: sha256Schema,
  })
  .meta({ id: "Ledger" });
export type Ledger = z.infer<typeof ledgerSchema>;
