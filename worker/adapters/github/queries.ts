import * as z from "zod";
import type { ForgeCommit, ForgePullRequest, ForgeRepository, ForgeReview, RepositoryRef } from "../../ports/forge.ts";
import type { PullNow } from "../../../domain/run/watch.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeOctokit } from "./client.ts";
import { forgeError } from "./errors.ts";
import { collectPages, perPage } from "./pages.ts";
import {
  commitSchema,
  parseAnswer,
  pullNowSchema,
  pullRequestSchema,
  refSchema,
  repositorySchema,
  reviewSchema,
} from "./schemas.ts";

/** Owner and name as the templates of GitHub's URLs call them. */
export function names(repository: RepositoryRef): { readonly owner: string; readonly repo: string } {
  return { owner: repository.owner, repo: repository.name };
}

/** https://docs.github.com/en/rest/repos/repos#get-a-repository */
export async function fetchRepository(octokit: ForgeOctokit, repository: RepositoryRef): Promise<ForgeRepository> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}", names(repository));
  const found = parseAnswer(repositorySchema, data, "read the repository");
  if (found.externalId === repository.externalId) return found;
  throw forgeError(
    "permanent",
    "wrong_repository",
    `${found.owner}/${found.name} has the id ${found.externalId}, not ${repository.externalId}`,
  );
}

/** The commit id that a branch points to. The template encodes the name, so any character may be in it. */
export async function fetchBranchHead(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
): Promise<string> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/git/ref/{ref}", {
    ...names(repository),
    ref: `heads/${branch}`,
  });
  const answer = parseAnswer(refSchema, data, "read a branch");
  if (answer.ref === `refs/heads/${branch}` && answer.object.type === "commit") return answer.object.sha;
  throw forgeError("permanent", "not_found", "read a branch: the forge answered with another ref");
}

/** https://docs.github.com/en/rest/git/commits#get-a-commit-object */
export async function fetchCommit(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  commit: string,
): Promise<ForgeCommit> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
    ...names(repository),
    commit_sha: commit,
  });
  return parseAnswer(commitSchema, data, "read a commit");
}

/**
 * A branch that git can't keep beside one of this name: a part of it up to a slash, or one that goes on after it with a slash. Undefined
 * when there is none.
 */
export async function findBranchInTheWay(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
): Promise<string | undefined> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", {
    ...{ ...names(repository), ref: `heads/${branch}/`, per_page: 1 },
  });
  const [inside] = parseAnswer(z.array(refSchema), data, "look for branches in the way");
  if (inside !== undefined) return inside.ref.replace("refs/heads/", "");
  const parts = branch.split("/");
  for (const length of parts.keys()) {
    const above = parts.slice(0, length).join("/");
    if (length > 0 && !(await isBranchGone(octokit, repository, above))) return above;
  }
  return undefined;
}

/**
 * The open pull request of a head branch in this repository, else its newest closed one. Pull requests from forks don't count.
 *
 * @param repository with today's owner, which the forge filters by
 */
export async function fetchPullRequest(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  headBranch: string,
): Promise<ForgePullRequest | undefined> {
  const what = "find a pull request";
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls", {
    ...names(repository),
    head: `${repository.owner}:${headBranch}`,
    state: "all",
    sort: "created",
    direction: "desc",
    per_page: perPage,
  });
  // GitHub drops a filter that it can't read and lists everything: judge each entry again.
  const own = parseAnswer(z.array(pullRequestSchema), data, what)
    .filter(
      (entry) =>
        !entry.isFromFork &&
        entry.baseRepositoryId === repository.externalId &&
        entry.pullRequest.headBranch === headBranch,
    )
    .map((entry) => entry.pullRequest);
  return own.find((entry) => entry.state === "open") ?? own[0];
}

/** A pull request as it stands now. Its branch is asked for only where it is closed: a branch that is gone closes it. */
export async function fetchPullNow(octokit: ForgeOctokit, repository: RepositoryRef, number: number): Promise<PullNow> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...names(repository),
    pull_number: number,
  });
  const raw = parseAnswer(pullNowSchema, data, "look at a pull request");
  const merged = typeof raw.merged_at === "string";
  const now = { headCommit: raw.head.sha, isMergeable: raw.mergeable ?? null } as const;
  if (raw.state === "open") return { ...now, state: "open", isBranchDeleted: false };
  const isBranchDeleted = merged ? false : await isBranchGone(octokit, repository, raw.head.ref);
  // A closed pull request conflicts with nothing.
  return { ...now, isMergeable: null, state: merged ? "merged" : "closed", isBranchDeleted };
}

async function isBranchGone(octokit: ForgeOctokit, repository: RepositoryRef, branch: string): Promise<boolean> {
  try {
    await fetchBranchHead(octokit, repository, branch);
    return false;
  } catch (error) {
    if (typeof error === "object" && error !== null && "status" in error && error.status === 404) return true;
    if (error instanceof PortError && error.code === "not_found") return true;
    throw error;
  }
}

/**
 * The review on this head commit that an app made and whose body has the marker. Whoever sees a run could copy its marker into
 * a review of theirs: a person's review does not count.
 */
export async function fetchReview(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  number: number,
  commit: string,
  marker: string,
): Promise<ForgeReview | undefined> {
  const what = "list reviews";
  const reviews = await collectPages(what, async (page) => {
    const response = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
      ...names(repository),
      pull_number: number,
      per_page: perPage,
      page,
    });
    return { items: parseAnswer(z.array(reviewSchema), response.data, what), link: response.headers.link };
  });
  return reviews.find((each) => each.isByApp && each.commit === commit && each.body.includes(marker))?.review;
}

/** The body of an answer that was asked for unparsed. */
export function bodyOf(data: unknown, what: string): ReadableStream<Uint8Array> {
  if (isByteStream(data)) return data;
  throw forgeError("transient", "server_error", `${what}: the answer has no body`);
}

/** Unparsed bodies come from the guarded fetch, which passes bytes alone. */
function isByteStream(data: unknown): data is ReadableStream<Uint8Array> {
  return data instanceof ReadableStream;
}
