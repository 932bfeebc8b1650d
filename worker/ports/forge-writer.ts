import type { ApprovedPatchSet } from "../../domain/patch-set/approval.ts";
import type { ApprovedClose, ApprovedDeletion } from "../../domain/patch-set/approved-close.ts";
import type { ApprovedReview } from "../../domain/review/approval.ts";
import type { ForgePullRequest, ForgeReview, RepositoryRef } from "./forge.ts";

/** A commit of the write gate. The forge's App is its author and committer; the forge dates and signs it, so a repeat makes another one. */
export interface CommitPlan {
  /** The run's own commit that this one follows; absent: the base commit. */
  readonly parentCommit?: string | undefined;
  readonly message: string;
}

/**
 * Writes to a forge. Imported by the write gate alone. Every method demands an approved patch set or review, which only
 * the domain's approval decision makes, and is idempotent: done twice, it leaves on branches and pull requests what once leaves.
 */
export interface ForgeWriter {
  /** Blobs, tree (the approved changes on the base's tree) and commit; returns the commit id. No ref is moved, and nothing points to the commit. */
  writeCommit(
    repository: RepositoryRef,
    approved: ApprovedPatchSet,
    plan: CommitPlan,
  ): Promise<{ readonly commit: string; readonly tree: string }>;
  /**
   * Makes the branch at the commit, never forced. An existing branch at the same commit is success; at another, permanent `ref_conflict`.
   * Permanent `name_taken`, when the forge has a branch that git can't keep beside one of this name: `a` beside `a/b`.
   */
  createBranch(repository: RepositoryRef, approved: ApprovedPatchSet, branch: string, commit: string): Promise<void>;
  /**
   * Moves a branch of this run on from one of its commits to the next, never forced. A branch that is at `to` already is success; at any
   * other commit than `from`, permanent `ref_conflict`: somebody else wrote to it.
   */
  advanceBranch(
    repository: RepositoryRef,
    approved: ApprovedPatchSet,
    branch: string,
    move: { readonly from: string; readonly to: string },
  ): Promise<void>;
  /** Opens a pull request, or returns the open one of the same head branch, whose text it brings up to date when `isUpdate`. */
  openPullRequest(
    repository: RepositoryRef,
    approved: ApprovedPatchSet,
    request: {
      readonly headBranch: string;
      readonly baseBranch: string;
      readonly title: string;
      readonly body: string;
      readonly isUpdate?: boolean;
    },
  ): Promise<ForgePullRequest>;
  /** Closes the run's own pull request; one that is closed is success. Permanent `moved` when its head is no commit of the run. */
  closePullRequest(repository: RepositoryRef, approved: ApprovedClose): Promise<void>;
  /** Deletes a branch that the run wrote; a branch that is gone is success. Permanent `moved` likewise: it stays. */
  deleteBranch(repository: RepositoryRef, approved: ApprovedDeletion): Promise<void>;
  /**
   * Posts the review on its head commit, as a comment that neither approves nor refuses, with its inline comments on the new
   * side of the diff; `marker` ends its body. A review with that marker which is there already is returned instead.
   */
  postReview(repository: RepositoryRef, approved: ApprovedReview, marker: string): Promise<ForgeReview>;
}
