import {
  assertApprovedClose,
  type ApprovedClose,
  type ApprovedDeletion,
} from "../../../domain/patch-set/approved-close.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeWriter } from "../../ports/forge-writer.ts";
import type { RepositoryRef } from "../../ports/forge.ts";
import type { ForgeOctokit, GitHubClient } from "./client.ts";
import { forgeError, toPortError } from "./errors.ts";
import { fetchBranchHead, fetchRepository, names } from "./queries.ts";
import { parseAnswer, pullRequestSchema } from "./schemas.ts";

/**
 * The writes that take back what a run opened. The head is looked at under the same token right before each: the API closes and deletes
 * whatever is there, and has no condition on the commit.
 */
export function createCloser(client: GitHubClient): Pick<ForgeWriter, "closePullRequest" | "deleteBranch"> {
  return {
    closePullRequest: async (repository, approved) => {
      assertApprovedClose(approved);
      await client.reviewing(repository, "close the pull request", (octokit) =>
        closePullRequest(octokit, repository, approved),
      );
    },
    deleteBranch: async (repository, approved) => {
      assertApprovedClose(approved);
      await client.writing(repository, "delete the branch", (octokit) => deleteBranch(octokit, repository, approved));
    },
  };
}

/** https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request */
async function closePullRequest(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  { branch, number, ownCommits }: ApprovedClose,
): Promise<void> {
  const at = { ...names(repository), pull_number: number };
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", at);
  const { isFromFork, pullRequest } = parseAnswer(pullRequestSchema, data, "read the pull request");
  if (isFromFork || pullRequest.headBranch !== branch || !ownCommits.includes(pullRequest.headCommit))
    throw moved(`pull request #${number}`, pullRequest.headCommit);
  if (pullRequest.state === "closed") return;
  await octokit.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { ...at, state: "closed" });
}

/** https://docs.github.com/en/rest/git/refs#delete-a-reference */
async function deleteBranch(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  { branch, ownCommits }: ApprovedDeletion,
): Promise<void> {
  if ((await fetchRepository(octokit, repository)).defaultBranch === branch)
    throw forgeError("permanent", "bad_ref", `${JSON.stringify(branch)} is the default branch`);
  const head = await headOrNone(octokit, repository, branch);
  if (head === undefined) return;
  if (!ownCommits.includes(head)) throw moved(JSON.stringify(branch), head);
  try {
    await octokit.request("DELETE /repos/{owner}/{repo}/git/refs/{ref}", {
      ...names(repository),
      ref: `heads/${branch}`,
    });
  } catch (error) {
    if (!saysGone(error)) throw error;
  }
}

async function headOrNone(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
): Promise<string | undefined> {
  try {
    return await fetchBranchHead(octokit, repository, branch);
  } catch (error) {
    const portError = error instanceof PortError ? error : toPortError(error, "read the branch");
    if (portError.status === 404 || portError.code === "not_found") return undefined;
    throw error;
  }
}

function moved(named: string, head: string): PortError {
  return forgeError("permanent", "moved", `the head of ${named} is ${head}, which the run did not write`);
}

/** A 422 with "Reference does not exist", or a 404: the branch went meanwhile. */
function saysGone(error: unknown): boolean {
  if (error instanceof PortError) return false;
  const { message, status } = toPortError(error, "delete the branch");
  return status === 404 || (status === 422 && /does not exist/iu.test(message));
}
