import type { Companion } from "../../../contracts/lane.ts";
import { applyProblems } from "../../../domain/patch-set/apply-check.ts";
import { approvePatchSet, type ApprovedPatchSet, type RecordedApproval } from "../../../domain/patch-set/approval.ts";
import { lawfulTitle } from "../../../domain/text/forge-text.ts";
import { commitMessage, isCommitOf } from "../../../domain/text/commit-message.ts";
import type { ProposedText } from "../../../domain/patch-set/content-hash.ts";
import { isBranchName, otherBranchNames } from "../../../domain/patch-set/branch-name.ts";
import {
  approveClose,
  approveDeletion,
  type CloseCandidate,
  type DeletionCandidate,
} from "../../../domain/patch-set/approved-close.ts";
import type { Closed } from "../../../domain/run/closing.ts";
import type { BranchDeleted } from "../../../domain/run/deleting.ts";
import { approveReview } from "../../../domain/review/approval.ts";
import { misplacedComment, reviewMarker } from "../../../domain/review/document.ts";
import type { ReviewDocument } from "../../../contracts/review.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeReader, ForgeReview, RepositoryRef } from "../../ports/forge.ts";
import type { ForgeWriter } from "../../ports/forge-writer.ts";
import { branchHead, closeOwnPull, deleteOwnBranch } from "./close-pull.ts";
import { pullRequestText } from "./pull-request-text.ts";

/** Everything that a write is judged by. Nothing in it is trusted: the gate decides again from the bytes. */
export interface WriteRequest {
  readonly repository: RepositoryRef & { readonly id: string; readonly baseBranch: string };
  readonly baseCommit: string;
  readonly changes: readonly TreeChange[];
  /** The other pull requests that the text links to; the approval covers them. */
  readonly companions: readonly Companion[];
  readonly approval: RecordedApproval | undefined;
  readonly isBlocked: boolean;
  /** The words and names that the approval covers. */
  readonly text: ProposedText;
  /** The rest of the pull request's text, which the run's record gives: links to the other pull requests and evidence. */
  readonly evidence: string;
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

/** A pull request that is to be closed. Nothing in it is trusted either. */
export interface CloseRequest extends Omit<CloseCandidate, "baseBranch"> {
  readonly repository: RepositoryRef & { readonly id: string; readonly baseBranch: string };
}

/** A branch without a pull request that is to be deleted. Nothing in it is trusted either. */
export interface DeleteRequest extends Omit<DeletionCandidate, "baseBranch"> {
  readonly repository: CloseRequest["repository"];
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

/** A branch as it was written: its name, and the commit that it stands at. */
interface WrittenBranch {
  readonly branch: string;
  readonly commit: string;
}

interface GatePorts {
  readonly reader: ForgeReader;
  readonly writer: ForgeWriter;
}

/** The three writes of a patch set and the one of a review, each idempotent, each behind its decision. */
export interface WriteGate {
  /** The forge dates and signs each commit, so a repeat makes another one, which nothing points to before `branch`. */
  commit(request: WriteRequest): Promise<{ readonly commit: string }>;
  /**
   * Makes the branch at the commit, or moves it on. Its name is the approved one; another of `otherBranchNames` only where the forge
   * says that a branch is in the way of the name. A branch that an earlier attempt wrote is found under each of the names, also at a
   * commit of another id that is the same patch set's.
   */
  branch(request: WriteRequest, commit: string): Promise<WrittenBranch>;
  /** `branch`: the one that was written. `isUpdate`: the pull request is open already and its text is brought up to date. */
  pullRequest(
    request: WriteRequest,
    open: { readonly branch: string; readonly isUpdate: boolean },
  ): Promise<{ readonly number: number; readonly url: string }>;
  /** Closes the pull request that the run left, by a person's recorded request. */
  close(request: CloseRequest): Promise<Closed>;
  /** Deletes the branch that the run left without a pull request, by a person's recorded request. */
  deleteBranch(request: DeleteRequest): Promise<BranchDeleted>;
  /** Throws PullRequestChanged when the pull request was closed or has moved since it was reviewed. */
  review(request: ReviewRequest): Promise<ForgeReview>;
}

/**
 * The one way to a forge. Each call mints the approval anew from the recorded decision and the bytes, reads the base
 * tree from the forge again and checks every path, mode and size before it lets the writer work.
 */
export function createWriteGate(ports: GatePorts): WriteGate {
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
        parentCommit: request.text.parentCommit ?? undefined,
        message: commitMessage(request.text, approved.hash, approved.approvedBy.name),
      });
    },
    async branch(request, commit) {
      const approved = await admit(request);
      return writeBranch({ ports, request, approved, commit });
    },
    async pullRequest(request, { branch, isUpdate }) {
      const approved = await admit(request);
      if (!namesOf(request).includes(branch))
        throw new WriteRefused(`The approval is not for the branch ${JSON.stringify(branch)}.`);
      return ports.writer.openPullRequest(request.repository, approved, {
        headBranch: branch,
        baseBranch: request.repository.baseBranch,
        title: lawfulTitle(request.text.title),
        body: pullRequestText(request),
        isUpdate,
      });
    },
    async close(request) {
      const result = approveClose({ ...request, baseBranch: request.repository.baseBranch });
      if (!result.ok) throw new WriteRefused(closeRefusals[result.reason]);
      return closeOwnPull(ports, request.repository, result.approved);
    },
    async deleteBranch(request) {
      const result = approveDeletion({ ...request, baseBranch: request.repository.baseBranch });
      if (!result.ok) throw new WriteRefused(closeRefusals[result.reason]);
      return deleteOwnBranch(ports, request.repository, result.approved);
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

/** The names that the approval covers, in the order in which they are tried. A branch that is moved on keeps its name. */
function namesOf({ text: { headBranch, parentCommit } }: WriteRequest): readonly string[] {
  return parentCommit === null ? [headBranch, ...otherBranchNames(headBranch)] : [headBranch];
}

/** A write of a patch set's commit to one branch. */
interface BranchWrite {
  readonly ports: GatePorts;
  readonly request: WriteRequest;
  readonly approved: ApprovedPatchSet;
  readonly commit: string;
}

/** Writes the branch under the first of its names that no other branch is in the way of. */
async function writeBranch(write: BranchWrite): Promise<WrittenBranch> {
  const names = namesOf(write.request);
  // An earlier attempt may have taken another name, and the branch that was in the way may be gone since.
  for (const branch of names.slice(1)) {
    const found = await writtenCommit(write, branch);
    if (found !== undefined) return { branch, commit: found };
  }
  let taken: PortError | undefined;
  for (const branch of names) {
    try {
      return { branch, commit: await writeTo(write, branch) };
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== "name_taken") throw error;
      taken ??= error;
    }
  }
  throw taken ?? new Error("a branch has a name");
}

/** Makes one branch or moves it on, and answers the commit that it stands at: another one only if it is the same patch set's. */
async function writeTo(write: BranchWrite, branch: string): Promise<string> {
  const { approved, commit, ports, request } = write;
  const { repository, text } = request;
  try {
    if (text.parentCommit === null) await ports.writer.createBranch(repository, approved, branch, commit);
    else await ports.writer.advanceBranch(repository, approved, branch, { from: text.parentCommit, to: commit });
    return commit;
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== "ref_conflict") throw error;
    const found = await writtenCommit(write, branch);
    if (found === undefined) throw error;
    return found;
  }
}

/** The commit that a branch stands at, where that is this patch set's; undefined where it is not, or there is no such branch. */
async function writtenCommit(
  { approved, commit, ports: { reader }, request: { repository, text } }: BranchWrite,
  branch: string,
): Promise<string | undefined> {
  const head = await branchHead(reader, repository, branch);
  if (head === undefined || head === commit) return head;
  const found = await reader.getCommit(repository, head);
  const { tree } = await reader.getCommit(repository, commit);
  const parent = text.parentCommit ?? approved.baseCommit;
  return isCommitOf(found, approved.hash, { tree, parent }) ? head : undefined;
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

const closeRefusals = {
  not_requested: "Nobody has asked to close this pull request or to delete this branch.",
  not_own: "The request is for another pull request or branch than the run's own.",
  bad_branch: "The branch can't be one that a run wrote to.",
} as const;

const reviewRefusals = {
  not_approved: "Nobody has approved this review.",
  hash_mismatch: "The approval is for another text.",
  commit_mismatch: "The approval is for another head commit.",
} as const;

function decide(request: WriteRequest): ApprovedPatchSet {
  const { headBranch } = request.text;
  if (!isBranchName(headBranch) || headBranch === request.repository.baseBranch) {
    throw new WriteRefused(`${JSON.stringify(headBranch)} can't be a branch to write to.`);
  }
  const result = approvePatchSet({ ...request, repositoryId: request.repository.id });
  if (result.ok) return result.approved;
  throw new WriteRefused(refusals[result.reason]);
}

const refusals = {
  not_approved: "Nobody has approved this patch set.",
  hash_mismatch: "The approval is for another content or another text.",
  base_mismatch: "The approval is for another base commit.",
  policy_blocked: "Policy blocks this patch set.",
  empty: "The patch set is empty.",
} as const;

/** True when the error will come again however often the write is tried. */
export function isFinalWriteError(error: unknown): boolean {
  return error instanceof WriteRefused || (error instanceof PortError && error.kind === "permanent");
}
