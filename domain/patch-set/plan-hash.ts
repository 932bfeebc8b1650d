import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../hash.ts";

/** A plan's identity, for its approval: SHA-256 hex over the base commit and the whole plan. */
export function planHash(baseCommit: string, plan: Readonly<Record<string, unknown>>): string {
  return sha256Hex(canonicalJson({ format: "assembly-lime-plan/1", baseCommit, plan }));
}
