import type {
  InstallationCreatedEvent,
  Organization as WebhookOrganization,
  User as WebhookUser,
} from "@octokit/webhooks-types";
import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { Account } from "../store/accounts.ts";
import type { Installation } from "../store/installations.ts";
import type { Permissions, Schemas } from "../types.ts";

/** An account as REST answers and webhooks both carry it. */
export type UserAnswer = Schemas["simple-user"] & WebhookUser;

/** Builds GitHub's `simple-user`. */
export function userAnswer(core: ForgeCore, account: Account): UserAnswer {
  const api = `${core.apiUrl}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("User", account.id),
    avatar_url: `${core.url}/_avatars/${account.id}`,
    gravatar_id: "",
    url: api,
    html_url: `${core.url}/${encodeURIComponent(account.login)}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    site_admin: false,
  };
}

/** Builds GitHub's `private-user`: a person about themself. */
export function privateUserAnswer(core: ForgeCore, account: Account): Schemas["private-user"] {
  return {
    ...userAnswer(core, account),
    name: account.name,
    company: null,
    blog: "",
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: iso(account.createdAtMs),
    updated_at: iso(account.createdAtMs),
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: false,
  };
}

/** Builds GitHub's `public-user`: anybody about an account. */
export function publicUserAnswer(core: ForgeCore, account: Account): Schemas["public-user"] {
  return {
    ...userAnswer(core, account),
    name: account.name,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: core.store.repositories.byOwner(account.id).filter(({ isPrivate }) => !isPrivate).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: iso(account.createdAtMs),
    updated_at: iso(account.createdAtMs),
  };
}

/** Builds GitHub's `organization-simple`. */
export function organizationAnswer(
  core: ForgeCore,
  account: Account,
): Schemas["organization-simple"] & WebhookOrganization {
  const api = `${core.apiUrl}/orgs/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("Organization", account.id),
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: `${core.url}/_avatars/${account.id}`,
    description: account.name,
  };
}

type WebhookInstallation = InstallationCreatedEvent["installation"];

/** The events that the app is subscribed to. */
export const appEvents = [
  "check_run",
  "issue_comment",
  "issues",
  "pull_request",
  "pull_request_review",
  "push",
  "status",
  "workflow_run",
] as const;

/** Builds GitHub's `installation`. */
export function installationAnswer(
  core: ForgeCore,
  installation: Installation,
): Schemas["installation"] & WebhookInstallation {
  const account = core.store.accounts.byId(installation.accountId);
  const api = `${core.apiUrl}/app/installations/${installation.id}`;
  const permissions: Permissions = installation.permissions;
  return {
    id: installation.id,
    account: userAnswer(core, account),
    repository_selection: installation.selection,
    access_tokens_url: `${api}/access_tokens`,
    repositories_url: `${core.apiUrl}/installation/repositories`,
    html_url: `${core.url}/organizations/${encodeURIComponent(account.login)}/settings/installations/${installation.id}`,
    app_id: core.app.id,
    client_id: core.app.clientId,
    target_id: account.id,
    target_type: account.type === "Organization" ? "Organization" : "User",
    permissions,
    events: [...appEvents],
    created_at: iso(installation.createdAtMs),
    updated_at: iso(installation.updatedAtMs),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    app_slug: core.app.slug,
    suspended_by: null,
    suspended_at: null,
  };
}
