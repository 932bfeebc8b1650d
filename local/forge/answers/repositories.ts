import type { Repository as WebhookRepository } from "@octokit/webhooks-types";
import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { Repository } from "../store/repositories.ts";
import type { Permissions, Schemas } from "../types.ts";
import { userAnswer, type UserAnswer } from "./accounts.ts";

/** Addresses of a repository. */
export function repositoryUrls(
  core: ForgeCore,
  repository: Pick<Repository, "owner" | "name">,
): { readonly api: string; readonly html: string } {
  const path = `${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}`;
  return { api: `${core.apiUrl}/repos/${path}`, html: `${core.url}/${path}` };
}

/** The fields that every kind of repository answer has. */
export function repositoryLite(
  core: ForgeCore,
  repository: Repository,
): Schemas["simple-repository"] & { id: number; owner: UserAnswer } {
  const { api, html } = repositoryUrls(core, repository);
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: `${repository.owner}/${repository.name}`,
    owner: userAnswer(core, core.store.accounts.byId(repository.ownerId)),
    private: repository.isPrivate,
    html_url: html,
    description: repository.description,
    fork: false,
    url: api,
    archive_url: `${api}/{archive_format}{/ref}`,
    assignees_url: `${api}/assignees{/user}`,
    blobs_url: `${api}/git/blobs{/sha}`,
    branches_url: `${api}/branches{/branch}`,
    collaborators_url: `${api}/collaborators{/collaborator}`,
    comments_url: `${api}/comments{/number}`,
    commits_url: `${api}/commits{/sha}`,
    compare_url: `${api}/compare/{base}...{head}`,
    contents_url: `${api}/contents/{+path}`,
    contributors_url: `${api}/contributors`,
    deployments_url: `${api}/deployments`,
    downloads_url: `${api}/downloads`,
    events_url: `${api}/events`,
    forks_url: `${api}/forks`,
    git_commits_url: `${api}/git/commits{/sha}`,
    git_refs_url: `${api}/git/refs{/sha}`,
    git_tags_url: `${api}/git/tags{/sha}`,
    issue_comment_url: `${api}/issues/comments{/number}`,
    issue_events_url: `${api}/issues/events{/number}`,
    issues_url: `${api}/issues{/number}`,
    keys_url: `${api}/keys{/key_id}`,
    labels_url: `${api}/labels{/name}`,
    languages_url: `${api}/languages`,
    merges_url: `${api}/merges`,
    milestones_url: `${api}/milestones{/number}`,
    notifications_url: `${api}/notifications{?since,all,participating}`,
    pulls_url: `${api}/pulls{/number}`,
    releases_url: `${api}/releases{/id}`,
    stargazers_url: `${api}/stargazers`,
    statuses_url: `${api}/statuses/{sha}`,
    subscribers_url: `${api}/subscribers`,
    subscription_url: `${api}/subscription`,
    tags_url: `${api}/tags`,
    teams_url: `${api}/teams`,
    trees_url: `${api}/git/trees{/sha}`,
    hooks_url: `${api}/hooks`,
  };
}

/** Builds GitHub's `minimal-repository`. */
export function minimalRepository(core: ForgeCore, repository: Repository): Schemas["minimal-repository"] {
  return {
    ...repositoryLite(core, repository),
    default_branch: repository.defaultBranch,
    language: repository.languages.keys().next().value ?? null,
    visibility: repository.isPrivate ? "private" : "public",
    pushed_at: iso(repository.pushedAtMs),
    created_at: iso(repository.createdAtMs),
    updated_at: iso(repository.pushedAtMs),
  };
}

/** A repository as REST lists and webhooks carry it. */
export type RepositoryAnswer = Schemas["repository"] & WebhookRepository;

/** Builds GitHub's `repository`. `permissions` are the caller's, left out in webhooks. */
export function repositoryAnswer(core: ForgeCore, repository: Repository, permissions?: Permissions): RepositoryAnswer {
  const { html } = repositoryUrls(core, repository);
  return {
    ...repositoryLite(core, repository),
    git_url: `${html}.git`,
    ssh_url: `${html}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: repository.languages.keys().next().value ?? null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: Math.ceil(repository.sizeBytes / 1024),
    default_branch: repository.defaultBranch,
    open_issues: repository.openIssues,
    open_issues_count: repository.openIssues,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.isPrivate ? "private" : "public",
    web_commit_signoff_required: false,
    custom_properties: {},
    pushed_at: iso(repository.pushedAtMs),
    created_at: iso(repository.createdAtMs),
    updated_at: iso(repository.pushedAtMs),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    ...(permissions === undefined
      ? {}
      : {
          permissions: {
            admin: permissions.administration === "write",
            push: permissions.contents === "write",
            pull: permissions.contents !== undefined,
          },
        }),
  };
}

/** Builds GitHub's `full-repository`. */
export function fullRepository(
  core: ForgeCore,
  repository: Repository,
  permissions: Permissions,
): Schemas["full-repository"] {
  const answer = repositoryAnswer(core, repository, permissions);
  return {
    ...repositoryLite(core, repository),
    git_url: answer.git_url,
    ssh_url: answer.ssh_url,
    clone_url: answer.clone_url,
    svn_url: answer.svn_url,
    mirror_url: null,
    homepage: null,
    language: answer.language,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    subscribers_count: 0,
    network_count: 0,
    size: answer.size,
    default_branch: answer.default_branch,
    open_issues: answer.open_issues,
    open_issues_count: answer.open_issues_count,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: answer.visibility,
    pushed_at: iso(repository.pushedAtMs),
    created_at: iso(repository.createdAtMs),
    updated_at: iso(repository.pushedAtMs),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    ...(answer.permissions === undefined ? {} : { permissions: answer.permissions }),
    organization: answer.owner,
  };
}
