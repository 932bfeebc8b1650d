import * as z from "zod";
import type { ForgePullRequest, ForgeRepository, ForgeReview, RepositoryRef } from "../../ports/forge.ts";
import type { ForgeOctokit } from "./client.ts";
import { forgeError } from "./errors.ts";
import { collectPages, perPage } from "./pages.ts";
import { parseAnswer, pullRequestSchema, refSchema, repositorySchema, reviewSchema } from "./schemas.ts";

/** Owner and name as the templates of GitHub's URLs call them. */
export function names(repository: RepositoryRef): { readonly owner: string; readonly repo: string } {
  return { owner: repository.owner, repo: repository.name };
}

/** https://docs.github.com/en/rest/repos/repos#get-a-repository */
export async function fetchRepository(octokit: ForgeOctokit, repository: RepositoryRef): Promise<ForgeRepository> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}", names(repository));
  return parseAnswer(repositorySchema, data, "read the repository");
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

/** The open pull request of a head branch in this repository, else its newest closed one. Pull requests from forks don't count. */
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
    .filter((entry) => !entry.isFromFork && entry.pullRequest.headBranch === headBranch)
    .map((entry) => entry.pullRequest);
  return own.find((entry) => entry.state === "open") ?? own[0];
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
