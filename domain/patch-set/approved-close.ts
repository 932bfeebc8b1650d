import type { RunEventData } from "../../contracts/run-events.ts";
import { isBranchName } from "./branch-name.ts";

declare const closeBrand: unique symbol;

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
  readonly deletesBranch: boolean;
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

export type CloseApproval =
  | { readonly ok: true; readonly approved: ApprovedClose }
  | { readonly ok: false; readonly reason: "not_requested" | "not_own" | "bad_branch" };

const minted = new WeakSet<object>();

/** The one decision that allows a close: a person asked for this pull request, it is the run's own, and its branch is one to write to. */
export function approveClose({ approval, baseBranch, ownCommits, pull }: CloseCandidate): CloseApproval {
  if (approval === undefined) return { ok: false, reason: "not_requested" };
  if (pull === undefined || pull.number !== approval.number || ownCommits.length === 0)
    return { ok: false, reason: "not_own" };
  if (!isBranchName(pull.branch) || pull.branch === baseBranch) return { ok: false, reason: "bad_branch" };
  const { branch, number } = pull;
  const approved = Object.freeze({ number, branch, ownCommits, deletesBranch: approval.deletesBranch });
  minted.add(approved);
  // The brand has no run-time member; this is the single place that grants it.
  return { ok: true, approved: approved as unknown as ApprovedClose };
}

/** Throws TypeError unless the value came out of `approveClose`: a cast is not an approval. */
export function assertApprovedClose(value: ApprovedClose): void {
  if (!minted.has(value)) throw new TypeError("this close was not asked for");
}
