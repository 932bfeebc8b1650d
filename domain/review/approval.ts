import type { ReviewDocument } from "../../contracts/review.ts";
import type { RecordedApproval } from "../patch-set/approval.ts";
import { reviewHash } from "./document.ts";

declare const approvedBrand: unique symbol;

/**
 * A review that a recorded approval covers, byte for byte, at the head commit that was reviewed. Only `approveReview` makes
 * one: the brand keeps other code from writing the type, the registry below keeps a cast from passing at run time.
 */
export interface ApprovedReview {
  readonly [approvedBrand]: true;
  readonly hash: string;
  readonly repositoryId: string;
  readonly review: ReviewDocument;
}

export type ReviewApprovalResult =
  | { readonly ok: true; readonly approved: ApprovedReview }
  | { readonly ok: false; readonly reason: "not_approved" | "hash_mismatch" | "commit_mismatch" };

const minted = new WeakSet<object>();

/**
 * The one decision that allows a review to be posted: the hash is computed again from the document and must equal the
 * approval's, the approval must speak of the reviewed head commit, and it must be a yes.
 */
export function approveReview(candidate: {
  readonly repositoryId: string;
  readonly review: ReviewDocument;
  readonly approval: RecordedApproval | undefined;
}): ReviewApprovalResult {
  const { approval, repositoryId, review } = candidate;
  if (approval?.decision !== "approve") return { ok: false, reason: "not_approved" };
  if (approval.baseCommit !== review.commit) return { ok: false, reason: "commit_mismatch" };
  const hash = reviewHash(repositoryId, review);
  if (approval.hash !== hash) return { ok: false, reason: "hash_mismatch" };
  const approved = Object.freeze({ hash, repositoryId, review });
  minted.add(approved);
  // The brand has no run-time member; this is the single place that grants it.
  return { ok: true, approved: approved as unknown as ApprovedReview };
}

/** Throws TypeError unless the value came out of `approveReview`: a cast is not an approval. */
export function assertApprovedReview(value: ApprovedReview): void {
  if (!minted.has(value)) throw new TypeError("this review was not approved");
}
