import type { Companion } from "../../../contracts/lane.ts";
import { applyProblems } from "../../../domain/patch-set/apply-check.ts";
import { approvePatchSet, type ApprovedPatchSet, type RecordedApproval } from "../../../domain/patch-set/approval.ts";
import { isBranchName } from "../../../domain/patch-set/branch-name.ts";
import { approveReview } from "../../../domain/review/approval.ts";
import { misplacedComment, reviewMarker } from "../../../domain/review/document.ts";
import type { ReviewDocument } from "../../../contracts/review.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeReader, ForgeReview, RepositoryRef } from "../../ports/forge.ts";
import type { ForgeWriter } from "../../ports/forge-writer.ts";

/** Everything that a write is judged by. Nothing in it is trusted: the gate decides again from the bytes. */
export interface WriteRequest {
  readonly repository: RepositoryRef & { readonly id: string; readonly baseBranch: string };
  readonly baseCommit: string;
  readonly changes: readonly TreeChange[];
  /** The other pull requests that the text links to; the approval covers them. */
  readonly companions: readonly Companion[];
  readonly approval: RecordedApproval | undefined;
  readonly isBlocked: boolean;
  readonly headBranch: string;
  /** The run's own commit that the branch stands at, when this version goes on top of it; null for a new branch. */
  readonly parentCommit: string | null;
  readonly title: string;
  readonly body: string;
  readonly author: { readonly name: string; readonly email: string };
}

/** Thrown when the gate refuses; nothing was written. `message` is safe to show. */
export class WriteRefused extends Error {
  override readonly name = "WriteRefused";
}

/** A review that is to be posted. Nothing in it is trusted either. */
export interface ReviewRequest {
  readonly repository: RepositoryRef & { readonly id: string };
  readonly review: ReviewDocument;
  readonly approval: RecordedApproval | undefined;
}

/** Thrown when the pull request is no longer what was reviewed; nothing was written. `message` is safe to show. */
export class PullRequestChanged extends Error {
  override readonly name = "PullRequestChanged";
  /** `moved`: there is something new to review. `closed`: it was closed or merged. */
  readonly change: "moved" | "closed";

  constructor(change: PullRequestChanged["change"], message: string) {
    super(message);
    this.change = change;
  }
}

/** The three writes of a patch set and the one of a review, each idempotent, each behind its decision. */
export interface WriteGate {
  commit(request: WriteRequest): Promise<{ readonly commit: string }>;
  branch(request: WriteRequest, commit: string): Promise<void>;
  /** `isUpdate`: the pull request is open already and its text is brought up to date. */
  pullRequest(request: WriteRequest, isUpdate: boolean): Promise<{ readonly number: number; readonly url: string }>;
  /** Throws PullRequestChanged when the pull request was closed or has moved since it was reviewed. */
  review(request: ReviewRequest): Promise<ForgeReview>;
}

/**
 * The one way to a forge. Each call mints the approval anew from the recorded decision and the bytes, reads the base
 * tree from the forge again and checks every path, mode and size before it lets the writer work.
 */
export function createWriteGate(ports: { readonly reader: ForgeReader; readonly writer: ForgeWriter }): WriteGate {
  const admit = async (request: WriteRequest): Promise<ApprovedPatchSet> => {
    const approved = decide(request);
    const base = await ports.reader.getTree(request.repository, request.baseCommit);
    const files = base.filter((entry) => entry.type !== "tree");
    const problems = applyProblems(request.changes, files);
    if (problems.length > 0)
      throw new WriteRefused(`The patch set does not fit its base: ${problems.slice(0, 5).join("; ")}.`);
    return approved;
  };
  return {
    async commit(request) {
      const approved = await admit(request);
      return ports.writer.writeCommit(request.repository, approved, {
        branch: request.headBranch,
        parentCommit: request.parentCommit ?? undefined,
        message: commitMessage(request, approved),
        author: request.author,
        committedAtMs: Math.floor(approved.approvedAtMs / 1000) * 1000,
      });
    },
    async branch(request, commit) {
      const approved = await admit(request);
      const { headBranch, parentCommit, repository } = request;
      if (parentCommit === null) await ports.writer.createBranch(repository, approved, headBranch, commit);
      else await ports.writer.advanceBranch(repository, approved, headBranch, { from: parentCommit, to: commit });
    },
    async pullRequest(request, isUpdate) {
      const approved = await admit(request);
      return ports.writer.openPullRequest(request.repository, approved, {
        headBranch: request.headBranch,
        baseBranch: request.repository.baseBranch,
        title: request.title,
        body: request.body,
        isUpdate,
      });
    },
    async review(request) {
      const { repository, review } = request;
      const result = approveReview({ ...request, repositoryId: repository.id });
      if (!result.ok) throw new WriteRefused(reviewRefusals[result.reason]);
      const marker = reviewMarker(result.approved.hash);
      // A review that a lost reply left behind comes first: the pull request may have moved since it was posted.
      const posted = await ports.reader.findReview(repository, review.pullRequestNumber, review.commit, marker);
      if (posted !== undefined) return posted;
      await expectUnchanged(ports.reader, repository, review);
      return ports.writer.postReview(repository, result.approved, marker);
    },
  };
}

/** The pull request is open, at the reviewed head, and its diff still shows every line that is commented on. */
async function expectUnchanged(reader: ForgeReader, repository: RepositoryRef, review: ReviewDocument): Promise<void> {
  const pull = await reader.getPullRequest(repository, review.pullRequestNumber);
  if (pull.state !== "open")
    throw new PullRequestChanged("closed", `Pull request #${pull.number} was ${pull.merged ? "merged" : "closed"}.`);
  if (pull.headCommit !== review.commit) {
    const [from, to] = [review.commit.slice(0, 10), pull.headCommit.slice(0, 10)];
    throw new PullRequestChanged("moved", `Pull request #${pull.number} has moved from ${from} to ${to}.`);
  }
  const files = review.comments.length === 0 ? [] : await reader.listPullFiles(repository, pull.number);
  const misplaced = misplacedComment(review, files);
  if (misplaced !== undefined)
    throw new PullRequestChanged(
      "moved",
      `The diff of pull request #${pull.number} no longer shows ${misplaced.path}:${misplaced.line}.`,
    );
}

const reviewRefusals = {
  not_approved: "Nobody has approved this review.",
  hash_mismatch: "The approval is for another text.",
  commit_mismatch: "The approval is for another head commit.",
} as const;

function decide(request: WriteRequest): ApprovedPatchSet {
  if (!isBranchName(request.headBranch) || request.headBranch === request.repository.baseBranch) {
    throw new WriteRefused(`${JSON.stringify(request.headBranch)} can't be a branch to write to.`);
  }
  const result = approvePatchSet({ ...request, repositoryId: request.repository.id });
  if (result.ok) return result.approved;
  throw new WriteRefused(refusals[result.reason]);
}

const refusals = {
  not_approved: "Nobody has approved this patch set.",
  hash_mismatch: "The approval is for other content.",
  base_mismatch: "The approval is for another base commit.",
  policy_blocked: "Policy blocks this patch set.",
  empty: "The patch set is empty.",
} as const;

/** The same approval gives the same bytes, so that a repeat makes the same commit. */
function commitMessage(request: WriteRequest, approved: ApprovedPatchSet): string {
  return `${request.title}\n\nPatch-Set: ${approved.hash}\nApproved-By: ${approved.approvedBy.name}\n`;
}

/** True when the error will come again however often the write is tried. */
export function isFinalWriteError(error: unknown): boolean {
  return error instanceof WriteRefused || (error instanceof PortError && error.kind === "permanent");
}
