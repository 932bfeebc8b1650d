import { approvePatchSet } from "../../../domain/patch-set/approval.ts";
import type { ApprovedPatchSet } from "../../../domain/patch-set/approval.ts";
import { patchSetHash, proposalHash } from "../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { objectId } from "./fake-server.ts";

/** A patch set that a recorded approval covers, made by the domain's own decision. */
export function approved(baseCommit: string, changes: readonly TreeChange[]): ApprovedPatchSet {
  const text = {
    ...{ version: 1, headBranch: branch, parentCommit: null, title: "Fix it", summary: "It was wrong." },
    coAuthors: [],
  };
  const hash = proposalHash(patchSetHash("5", baseCommit, changes), text);
  const result = approvePatchSet({
    repositoryId: "5",
    baseCommit,
    changes,
    companions: [],
    text,
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

/** The branch that the approval is for. */
export const branch = "lime/run-1";

export const plan = { message: "Fix it\n\nRun 1" };
