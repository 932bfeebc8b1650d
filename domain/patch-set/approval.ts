import type { Companion } from "../../contracts/lane.ts";
import { patchSetHash, proposalHash, type ProposedText } from "./content-hash.ts";
import type { TreeChange } from "./types.ts";

declare const approvedBrand: unique symbol;

/**
 * A patch set that a recorded approval covers, byte for byte. Only `approvePatchSet` makes one: the brand keeps other code
 * from writing the type, the registry below keeps a cast from passing at run time.
 */
export interface ApprovedPatchSet {
  readonly [approvedBrand]: true;
  readonly hash: string;
  readonly repositoryId: string;
  readonly baseCommit: string;
  readonly changes: readonly TreeChange[];
  readonly approvedBy: { readonly id: string; readonly name: string };
  readonly approvedAtMs: number;
}

/** A person's decision as it was recorded. */
export interface RecordedApproval {
  readonly hash: string;
  readonly baseCommit: string;
  readonly decision: "approve" | "reject" | "request_changes";
  readonly by: { readonly id: string; readonly name: string };
  readonly atMs: number;
}

export interface ApprovalCandidate {
  readonly repositoryId: string;
  readonly baseCommit: string;
  readonly changes: readonly TreeChange[];
  /** The other pull requests that this one's text links to. */
  readonly companions: readonly Companion[];
  readonly text: ProposedText;
  /** Whether policy found a BLOCK in these changes, judged now. */
  readonly isBlocked: boolean;
  readonly approval: RecordedApproval | undefined;
}

export type ApprovalResult =
  | { readonly ok: true; readonly approved: ApprovedPatchSet }
  | {
      readonly ok: false;
      readonly reason: "not_approved" | "hash_mismatch" | "base_mismatch" | "policy_blocked" | "empty";
    };

const minted = new WeakSet<object>();

/**
 * The one decision that allows a write: the content hash is computed again from the bytes and must equal the approval's,
 * text included, the base commit likewise, policy must not block, and the decision must be a yes.
 */
export function approvePatchSet(candidate: ApprovalCandidate): ApprovalResult {
  const { approval, baseCommit, changes, companions, repositoryId } = candidate;
  if (approval?.decision !== "approve") return { ok: false, reason: "not_approved" };
  if (changes.length === 0) return { ok: false, reason: "empty" };
  if (approval.baseCommit !== baseCommit) return { ok: false, reason: "base_mismatch" };
  const work = patchSetHash(repositoryId, baseCommit, changes, companions);
  // An approval from before texts were covered names the work alone; it covers no co-authors, and no patch set is proposed so any more.
  const isOfWork = approval.hash === work && candidate.text.coAuthors.length === 0;
  if (approval.hash !== proposalHash(work, candidate.text) && !isOfWork) return { ok: false, reason: "hash_mismatch" };
  if (candidate.isBlocked) return { ok: false, reason: "policy_blocked" };
  const approved = Object.freeze({
    hash: approval.hash,
    repositoryId,
    baseCommit,
    changes,
    approvedBy: approval.by,
    approvedAtMs: approval.atMs,
  });
  minted.add(approved);
  // The brand has no run-time member; this is the single place that grants it.
  return { ok: true, approved: approved as unknown as ApprovedPatchSet };
}

/** Throws TypeError unless the value came out of `approvePatchSet`: a cast is not an approval. */
export function assertApproved(value: ApprovedPatchSet): void {
  if (!minted.has(value)) throw new TypeError("this patch set was not approved");
}
