import { assertApproved, type ApprovedPatchSet } from "../../../domain/patch-set/approval.ts";
import { isBranchName } from "../../../domain/patch-set/branch-name.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import type { ReviewDocument } from "../../../contracts/review.ts";
import { assertApprovedReview } from "../../../domain/review/approval.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgePullRequest, ForgeReview, RepositoryRef } from "../../ports/forge.ts";
import type { ForgeWriter } from "../../ports/forge-writer.ts";
import { toBase64 } from "../../base64.ts";
import type { ForgeOctokit, GitHubClient } from "./client.ts";
import { createCloser } from "./close-pull.ts";
import { forgeError, toPortError } from "./errors.ts";
import { inParallel } from "./parallel.ts";
import {
  fetchBranchHead,
  fetchCommit,
  fetchPullRequest,
  fetchRepository,
  fetchReview,
  findBranchInTheWay,
  names,
} from "./queries.ts";
import { madeObjectSchema, parseAnswer, pullRequestSchema, reviewSchema } from "./schemas.ts";

/** Blobs that are uploaded at the same time: a Worker has six connections. */
const parallelBlobs = 4;

/**
 * Writes to GitHub by its Git Database and pull request APIs. Nothing is repeated here after it may have happened; a caller repeats
 * the whole method, and finds what the first attempt left. Errors besides the port's: `blob_mismatch`, `ref_conflict`, `name_taken`,
 * `bad_ref`, `forbidden`, `conflict`, `invalid_request`, `moved`, all permanent but `conflict`.
 */
export function createWriter(client: GitHubClient): ForgeWriter {
  // Writes that can be refused without the forge are refused before a token is minted.
  return {
    ...createCloser(client),
    writeCommit: async (repository, approved, plan) => {
      assertApproved(approved);
      const entries = approved.changes.map(treeEntry);
      return client.writing(
        repository,
        "write the commit",
        async (octokit) => {
          const { baseCommit } = approved;
          const { tree: baseTree } = await fetchCommit(octokit, repository, baseCommit);
          await uploadBlobs(octokit, repository, approved.changes);
          const treeAnswer = await octokit.request("POST /repos/{owner}/{repo}/git/trees", {
            ...names(repository),
            base_tree: baseTree,
            tree: entries,
          });
          const tree = parseAnswer(madeObjectSchema, treeAnswer.data, "write the tree").sha;
          const commitAnswer = await octokit.request("POST /repos/{owner}/{repo}/git/commits", {
            ...names(repository),
            message: plan.message,
            tree,
            parents: [plan.parentCommit ?? baseCommit],
            // With an author or a committer of ours GitHub would not sign it:
            // https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
          });
          return { commit: parseAnswer(madeObjectSchema, commitAnswer.data, "write the commit").sha, tree };
        },
        needsOf(approved),
      );
    },

    createBranch: async (repository, approved, branch, commit) => {
      assertApproved(approved);
      if (!isBranchName(branch))
        throw forgeError("permanent", "bad_ref", `${JSON.stringify(branch)} is no branch name`);
      const work = (octokit: ForgeOctokit, at: RepositoryRef): Promise<void> =>
        createBranch(octokit, at, branch, commit);
      await client.writing(repository, "create the branch", work, needsOf(approved));
    },

    advanceBranch: async (repository, approved, branch, { from, to }) => {
      assertApproved(approved);
      if (!isBranchName(branch))
        throw forgeError("permanent", "bad_ref", `${JSON.stringify(branch)} is no branch name`);
      const work = (octokit: ForgeOctokit, at: RepositoryRef): Promise<void> =>
        advanceBranch(octokit, at, branch, { from, to });
      await client.writing(repository, "move the branch on", work, needsOf(approved));
    },

    openPullRequest: async (repository, approved, request) => {
      assertApproved(approved);
      return client.writing(repository, "open the pull request", (octokit, at) =>
        openPullRequest(octokit, at, request),
      );
    },

    postReview: async (repository, approved, marker) => {
      assertApprovedReview(approved);
      return client.reviewing(repository, "post the review", (octokit) =>
        postReview(octokit, repository, approved.review, marker),
      );
    },
  };
}

/** The rights that a token needs beyond contents and pull requests to write these changes. */
function needsOf({ changes }: Pick<ApprovedPatchSet, "changes">): { readonly workflows: boolean } {
  return { workflows: changes.some(({ path }) => path.toLowerCase().startsWith(".github/workflows/")) };
}

interface TreeEntry {
  path: string;
  mode: "100644" | "100755" | "120000";
  type: "blob";
  /** Null takes the path out of the tree. */
  sha: string | null;
}

function treeEntry(change: TreeChange): TreeEntry {
  if (change.status === "deleted")
    return { path: change.path, mode: change.beforeMode ?? "100644", type: "blob", sha: null };
  if (change.afterMode === undefined || change.afterBlob === undefined || change.bytes === undefined) {
    throw forgeError(
      "permanent",
      "invalid_request",
      `write the tree: ${JSON.stringify(change.path)} has no mode or no content`,
    );
  }
  return { path: change.path, mode: change.afterMode, type: "blob", sha: change.afterBlob };
}

async function uploadBlobs(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  changes: readonly TreeChange[],
): Promise<void> {
  await inParallel(changes, parallelBlobs, async (change) => {
    if (change.bytes !== undefined) await uploadBlob(octokit, repository, change.path, change.bytes, change.afterBlob);
  });
}

async function uploadBlob(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  path: string,
  bytes: Uint8Array,
  expected: string | undefined,
): Promise<void> {
  const { data } = await octokit.request("POST /repos/{owner}/{repo}/git/blobs", {
    ...names(repository),
    content: toBase64(bytes),
    encoding: "base64",
  });
  const made = parseAnswer(madeObjectSchema, data, "write a blob").sha;
  if (made !== expected)
    throw forgeError(
      "permanent",
      "blob_mismatch",
      `${JSON.stringify(path)} became ${made}, not ${expected ?? "unknown"}`,
    );
}

async function createBranch(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
  commit: string,
): Promise<void> {
  if ((await fetchRepository(octokit, repository)).defaultBranch === branch) {
    throw forgeError("permanent", "bad_ref", `${JSON.stringify(branch)} is the default branch`);
  }
  try {
    await octokit.request("POST /repos/{owner}/{repo}/git/refs", {
      ...names(repository),
      ref: `refs/heads/${branch}`,
      sha: commit,
    });
  } catch (error) {
    if (!saysExists(error)) throw await nameTaken(octokit, repository, branch, error);
    const head = await fetchBranchHead(octokit, repository, branch);
    if (head !== commit)
      throw forgeError("permanent", "ref_conflict", `${JSON.stringify(branch)} is at ${head}, not at ${commit}`, {
        status: 422,
      });
  }
}

/** GitHub says no more than this when git can't lock the name. */
const unlocked = /reference update failed|cannot lock ref|exists; cannot create|refname conflict/iu;

/** The error to throw for a branch that was not made: `name_taken` where the forge has a branch that is in the way of its name. */
async function nameTaken(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
  error: unknown,
): Promise<unknown> {
  const refused = toPortError(error, "create the branch");
  if (refused.status !== 422 || !unlocked.test(refused.message)) return error;
  const other = await findBranchInTheWay(octokit, repository, branch);
  return other === undefined ? error : forgeError("permanent", "name_taken", refused.message, { status: 422 });
}

async function advanceBranch(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  if ((await fetchRepository(octokit, repository)).defaultBranch === branch)
    throw forgeError("permanent", "bad_ref", `${JSON.stringify(branch)} is the default branch`);
  const head = await fetchBranchHead(octokit, repository, branch);
  if (head === to) return;
  if (head !== from)
    throw forgeError("permanent", "ref_conflict", `${JSON.stringify(branch)} is at ${head}, not at ${from}`);
  await octokit.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", {
    ...names(repository),
    ref: `heads/${branch}`,
    sha: to,
    force: false,
  });
}

async function openPullRequest(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  request: Parameters<ForgeWriter["openPullRequest"]>[2],
): Promise<ForgePullRequest> {
  // A branch belongs to one run, so whatever pull request it has, also one that a person closed since, is this one.
  const existing = await fetchPullRequest(octokit, repository, request.headBranch);
  if (existing !== undefined) {
    if (request.isUpdate === true && existing.state === "open")
      await describePullRequest(octokit, repository, existing, request);
    return existing;
  }
  try {
    const { data } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
      ...names(repository),
      head: request.headBranch,
      base: request.baseBranch,
      title: request.title,
      body: request.body,
    });
    return parseAnswer(pullRequestSchema, data, "open the pull request").pullRequest;
  } catch (error) {
    const winner = saysExists(error) ? await fetchPullRequest(octokit, repository, request.headBranch) : undefined;
    if (winner === undefined) throw error;
    return winner;
  }
}

/** https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request */
async function postReview(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  review: ReviewDocument,
  marker: string,
): Promise<ForgeReview> {
  const existing = await fetchReview(octokit, repository, review.pullRequestNumber, review.commit, marker);
  if (existing !== undefined) return existing;
  const { data } = await octokit.request("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
    ...names(repository),
    pull_number: review.pullRequestNumber,
    commit_id: review.commit,
    event: "COMMENT",
    body: `${review.body}\n\n${marker}`,
    comments: review.comments.map(({ body, line, path, startLine }) => ({
      path,
      body,
      line,
      side: "RIGHT",
      ...(startLine === null ? {} : { start_line: startLine, start_side: "RIGHT" }),
    })),
  });
  return parseAnswer(reviewSchema, data, "post the review").review;
}

/** The title stays, since people may have changed it; the text describes the newest version. */
async function describePullRequest(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  pull: ForgePullRequest,
  { body }: { readonly body: string },
): Promise<void> {
  await octokit.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...names(repository),
    pull_number: pull.number,
    body,
  });
}

/** A 422 with "Reference already exists" or "A pull request already exists for ...". */
function saysExists(error: unknown): boolean {
  if (error instanceof PortError) return false;
  const portError = toPortError(error, "write");
  return portError.status === 422 && /already exists/iu.test(portError.message);
}
