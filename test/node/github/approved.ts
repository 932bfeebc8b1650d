import { approvePatchSet } from "../../../domain/patch-set/approval.ts";
import type { ApprovedPatchSet } from "../../../domain/patch-set/approval.ts";
import { patchSetHash } from "../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { objectId } from "./fake-server.ts";

/** A patch set that a recorded approval covers, made by the domain's own decision. */
export function approved(baseCommit: string, changes: readonly TreeChange[]): ApprovedPatchSet {
  const hash = patchSetHash("5", baseCommit, changes);
  const result = approvePatchSet({
    repositoryId: "5",
    baseCommit,
    changes,
    companions: [],
    isBlocked: false,
    approval: { hash, baseCommit, decision: "approve", by: { id: "1", name: "Ada" }, atMs: 1_700_000_000_000 },
  });
  if (!result.ok) throw new Error(result.reason);
  return result.approved;
}

export function added(
  path: string,
  content: string | Uint8Array,
  mode: "100644" | "100755" | "120000" = "100644",
): TreeChange {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { path, status: "added", afterMode: mode, afterBlob: objectId("blob", bytes), bytes };
}

export const plan = {
  branch: "lime/run-1",
  message: "Fix it\n\nRun 1",
  author: { name: "Ada", email: "ada@example.test" },
  committedAtMs: 1_700_000_000_000,
};
