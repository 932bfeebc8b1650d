import { commitAnswer, diffEntry } from "../answers/commits.ts";
import { repositoryUrls } from "../answers/repositories.ts";
import { encodePath } from "../core.ts";
import { countCommits, listCommits, readCommit, readCommits } from "../git/commits.ts";
import { diffFiles, diffText, emptyTree } from "../git/diff.ts";
import { mergeBase, resolveCommit } from "../git/refs.ts";
import { bytes, json, type Answer } from "../http/answer.ts";
import { accepts, pageOf, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { notFound, unprocessable } from "../http/errors.ts";
import type { Schemas } from "../types.ts";
import { requireCommits } from "./refs.ts";

const maxListed = 1_000;
const maxCompared = 250;
const maxFiles = 300;

/** Resolves a commit that a path names, `owner:branch` too. Throws ApiError 404. */
async function commitFor(call: RepositoryCall, name: string): Promise<string> {
  const own = `${call.repository.owner}:`;
  const ref = name.toLowerCase().startsWith(own.toLowerCase()) ? name.slice(own.length) : name;
  const sha = await resolveCommit(call.context.git, call.directory, ref);
  if (sha === undefined) throw notFound();
  return sha;
}

async function getCommit(call: RepositoryCall): Promise<Answer> {
  const { context, directory, repository } = call;
  await requireCommits(call);
  const name = call.parameters.text("ref");
  const sha = await resolveCommit(context.git, directory, name);
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${name}`);
  const commit = await readCommit(context.git, directory, sha);
  const from = commit.parents[0] ?? emptyTree;
  if (accepts(call, "diff"))
    return bytes(200, await diffText(context.git, directory, from, sha), "application/vnd.github.diff; charset=utf-8");
  const files = await diffFiles(context.git, directory, from, sha);
  return json<Schemas["commit"]>(200, commitAnswer(context, repository, commit, files.slice(0, maxFiles)));
}

async function compare(call: RepositoryCall): Promise<Answer> {
  const { context, directory, repository } = call;
  const [baseName = "", headName = ""] = call.parameters.text("basehead").split("...");
  if (baseName === "" || headName === "") throw notFound();
  await requireCommits(call);
  const [base, head] = [await commitFor(call, baseName), await commitFor(call, headName)];
  const shared = await mergeBase(context.git, directory, base, head);
  if (shared === undefined) throw notFound(`No common ancestor between ${baseName} and ${headName}.`);
  if (accepts(call, "diff"))
    return bytes(
      200,
      await diffText(context.git, directory, shared, head),
      "application/vnd.github.diff; charset=utf-8",
    );
  const [aheadBy, behindBy, files, shas] = await Promise.all([
    countCommits(context.git, directory, base, head),
    countCommits(context.git, directory, head, base),
    diffFiles(context.git, directory, shared, head),
    listCommits(context.git, directory, base, head, maxCompared),
  ]);
  const commits = await readCommits(context.git, directory, shas.toReversed());
  const { api, html } = repositoryUrls(context, repository);
  const names = `${encodePath(baseName)}...${encodePath(headName)}`;
  const answer = async (sha: string): Promise<Schemas["commit"]> =>
    commitAnswer(context, repository, await readCommit(context.git, directory, sha));
  return json<Schemas["commit-comparison"]>(200, {
    url: `${api}/compare/${names}`,
    html_url: `${html}/compare/${names}`,
    permalink_url: `${html}/compare/${base}...${head}`,
    diff_url: `${html}/compare/${names}.diff`,
    patch_url: `${html}/compare/${names}.patch`,
    base_commit: await answer(base),
    merge_base_commit: await answer(shared),
    status: aheadBy > 0 ? (behindBy > 0 ? "diverged" : "ahead") : behindBy > 0 ? "behind" : "identical",
    ahead_by: aheadBy,
    behind_by: behindBy,
    total_commits: aheadBy,
    commits: commits.map((commit) => commitAnswer(context, repository, commit)),
    files: files.slice(0, maxFiles).map((file) => diffEntry(context, repository, head, file)),
  });
}

/** Commits and comparisons. https://docs.github.com/rest/commits/commits */
export function addCommitRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/commits", [["contents", "read"]], async (call) => {
    const { context, directory, repository } = call;
    await requireCommits(call);
    const start = await commitFor(call, query(call, "sha") ?? repository.defaultBranch);
    const path = query(call, "path");
    const limit = [`--max-count=${maxListed}`, start, "--", ...(path === undefined ? [] : [path])];
    const out = await context.git.text(directory, ["rev-list", ...limit], { env: { GIT_LITERAL_PATHSPECS: "1" } });
    const shas = out === "" ? [] : out.split("\n");
    const page = await pageOf(call, shas, async (sha) =>
      commitAnswer(context, repository, await readCommit(context.git, directory, sha)),
    );
    return json<readonly Schemas["commit"][]>(200, page.items, page.headers);
  });

  // Routes with more after the ref (check-runs, status ...) are added before this one: the ref may hold slashes.
  routes.repository("GET", "/commits/*ref", [["contents", "read"]], getCommit);
  routes.repository("GET", "/compare/*basehead", [["contents", "read"]], compare);
}
