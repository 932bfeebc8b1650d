import type { RunEventData } from "../../contracts/run-events.ts";
import { isBranchName } from "./branch-name.ts";

declare const closeBrand: unique symbol;
declare const deletionBrand: unique symbol;

/**
 * The close of a pull request that a person's recorded request covers. Only `approveClose` makes one: the brand keeps other code from
 * writing the type, the registry below keeps a cast from passing at run time.
 */
export interface ApprovedClose {
  readonly [closeBrand]: true;
  readonly number: number;
  readonly branch: string;
  /** The commits of the run, one of which the head has to be. */
  readonly ownCommits: readonly string[];
  /** The deletion of its branch, where that was asked for too. */
  readonly deletion: ApprovedDeletion | null;
}

/** The deletion of a branch of a run that a person's recorded request covers. `approveClose` and `approveDeletion` alone make one. */
export interface ApprovedDeletion {
  readonly [deletionBrand]: true;
  readonly branch: string;
  /** The commits of the run, one of which the head has to be. */
  readonly ownCommits: readonly string[];
}

/** Everything that the deletion of a branch without a pull request is judged by. */
export interface DeletionCandidate {
  /** The branch that the run has recorded as written by itself, and of which it opened no pull request. */
  readonly branch: string | undefined;
  readonly ownCommits: readonly string[];
  readonly baseBranch: string;
  /** The person's request as it was recorded. */
  readonly approval: RunEventData<"branch.delete_requested"> | undefined;
}

/** Everything that a close is judged by. */
export interface CloseCandidate {
  /** The pull request that the run has recorded as its own. */
  readonly pull: { readonly number: number; readonly branch: string } | undefined;
  readonly ownCommits: readonly string[];
  readonly baseBranch: string;
  /** The person's request as it was recorded. */
  readonly approval: RunEventData<"pull_request.close_requested"> | undefined;
}

/** Why a request to take something back is no approval. */
interface NotApproved {
  readonly ok: false;
  readonly reason: "not_requested" | "not_own" | "bad_branch";
}

export type CloseApproval = { readonly ok: true; readonly approved: ApprovedClose } | NotApproved;
export type DeletionApproval = { readonly ok: true; readonly approved: ApprovedDeletion } | NotApproved;

const minted = new WeakSet<object>();

/** The one decision that allows a close: a person asked for this pull request, it is the run's own, and its branch is one to write to. */
export function approveClose({ approval, baseBranch, ownCommits, pull }: CloseCandidate): CloseApproval {
  if (approval === undefined) return { ok: false, reason: "not_requested" };
  if (pull === undefined || pull.number !== approval.number || ownCommits.length === 0)
    return { ok: false, reason: "not_own" };
  const { branch, number } = pull;
  if (!isOwnBranch(branch, baseBranch)) return { ok: false, reason: "bad_branch" };
  const deletion = approval.deletesBranch ? mintDeletion(branch, ownCommits) : null;
  const approved = Object.freeze({ number, branch, ownCommits, deletion });
  minted.add(approved);
  // The brands have no run-time member; this file is the single place that grants them.
  return { ok: true, approved: approved as unknown as ApprovedClose };
}

/** The one decision that allows to delete a branch without a pull request: a person asked for it by name, and the run wrote it. */
export function approveDeletion({ approval, baseBranch, branch, ownCommits }: DeletionCandidate): DeletionApproval {
  if (approval === undefined) return { ok: false, reason: "not_requested" };
  if (branch === undefined || branch !== approval.branch || ownCommits.length === 0)
    return { ok: false, reason: "not_own" };
  if (!isOwnBranch(branch, baseBranch)) return { ok: false, reason: "bad_branch" };
  return { ok: true, approved: mintDeletion(branch, ownCommits) };
}

/** Throws TypeError unless the value came out of one of the two decisions: a cast is not an approval. */
export function assertApprovedClose(value: ApprovedClose | ApprovedDeletion): void {
  if (!minted.has(value)) throw new TypeError("this was not asked for");
}

function mintDeletion(branch: string, ownCommits: readonly string[]): ApprovedDeletion {
  const approved = Object.freeze({ branch, ownCommits });
  minted.add(approved);
  return approved as unknown as ApprovedDeletion;
}

function isOwnBranch(branch: string, baseBranch: string): boolean {
  return isBranchName(branch) && branch !== baseBranch;
}
