import type { Commit as WebhookCommit, SimpleCommit } from "@octokit/webhooks-types";
import { encodePath, iso, nodeId, type ForgeCore } from "../core.ts";
import type { Commit, Signature } from "../git/commits.ts";
import type { FileDiff } from "../git/diff.ts";
import { verify } from "../git/signatures.ts";
import type { Repository } from "../store/repositories.ts";
import type { Schemas } from "../types.ts";
import { userAnswer } from "./accounts.ts";
import { repositoryUrls } from "./repositories.ts";

function verification(core: ForgeCore, commit: Commit): Schemas["verification"] {
  const judged = verify(core.app.signingKey, commit);
  return { ...judged, verified_at: judged.verified ? iso(commit.committer.seconds * 1000) : null };
}

function person(signature: Signature): { name: string; email: string; date: string } {
  return { name: signature.name, email: signature.email, date: iso(signature.seconds * 1000) };
}

/** Builds GitHub's `git-commit`. */
export function gitCommitAnswer(core: ForgeCore, repository: Repository, commit: Commit): Schemas["git-commit"] {
  const { api, html } = repositoryUrls(core, repository);
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${html}/commit/${sha}`,
    })),
    verification: verification(core, commit),
  };
}

/** Builds GitHub's `commit`; a known e-mail address links the account. */
export function commitAnswer(
  core: ForgeCore,
  repository: Repository,
  commit: Commit,
  files?: readonly FileDiff[],
): Schemas["commit"] {
  const { api, html } = repositoryUrls(core, repository);
  const author = core.store.accounts.byEmail(commit.author.email);
  const committer = core.store.accounts.byEmail(commit.committer.email);
  const additions = files?.reduce((sum, file) => sum + file.additions, 0) ?? 0;
  const deletions = files?.reduce((sum, file) => sum + file.deletions, 0) ?? 0;
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      verification: verification(core, commit),
    },
    author: author === undefined ? null : userAnswer(core, author),
    committer: committer === undefined ? null : userAnswer(core, committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
    ...(files === undefined
      ? {}
      : {
          stats: { additions, deletions, total: additions + deletions },
          files: files.map((file) => diffEntry(core, repository, commit.sha, file)),
        }),
  };
}

/** Builds GitHub's `diff-entry`; `commit` is the new side's. */
export function diffEntry(
  core: ForgeCore,
  repository: Repository,
  commit: string,
  file: FileDiff,
): Schemas["diff-entry"] {
  const { api, html } = repositoryUrls(core, repository);
  const path = encodePath(file.path);
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${commit}/${path}`,
    raw_url: `${html}/raw/${commit}/${path}`,
    contents_url: `${api}/contents/${path}?ref=${commit}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}

/** Builds the short commit that workflow runs carry. */
export function simpleCommit(commit: Commit): Schemas["simple-commit"] & SimpleCommit {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: iso(commit.committer.seconds * 1000),
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}

/** Builds a push event's commit, with the names of the files that it touched. */
export function pushCommit(
  core: ForgeCore,
  repository: Repository,
  commit: Commit,
  files: readonly FileDiff[],
): WebhookCommit {
  const names = (...statuses: readonly FileDiff["status"][]): string[] =>
    files.filter(({ status }) => statuses.includes(status)).map(({ path }) => path);
  return {
    ...simpleCommit(commit),
    distinct: true,
    url: `${repositoryUrls(core, repository).html}/commit/${commit.sha}`,
    added: names("added", "renamed"),
    modified: names("modified", "changed"),
    removed: [...names("removed"), ...files.flatMap(({ previousPath }) => previousPath ?? [])],
  };
}
