import type {
  AuthorAssociation,
  Issue as WebhookIssue,
  IssueComment as WebhookComment,
  Label as WebhookLabel,
  Reactions,
} from "@octokit/webhooks-types";
import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { Account } from "../store/accounts.ts";
import type { Comment, Issue, Label } from "../store/issues.ts";
import type { Repository } from "../store/repositories.ts";
import type { Schemas } from "../types.ts";
import { userAnswer } from "./accounts.ts";
import { performedVia } from "./app.ts";
import { repositoryUrls } from "./repositories.ts";

/** The association of an account with a repository: its owner, a member of its organisation, or neither. */
export function association(core: ForgeCore, repository: Repository, account: Account): AuthorAssociation {
  if (account.id === repository.ownerId) return "OWNER";
  return core.store.accounts.isMember(repository.ownerId, account.id) ? "MEMBER" : "NONE";
}

function reactions(url: string): Reactions {
  return {
    url: `${url}/reactions`,
    total_count: 0,
    "+1": 0,
    "-1": 0,
    laugh: 0,
    hooray: 0,
    confused: 0,
    heart: 0,
    rocket: 0,
    eyes: 0,
  };
}

/** Builds GitHub's `label`. */
export function labelAnswer(
  core: ForgeCore,
  repository: Repository,
  label: Label,
): Schemas["label"] & WebhookLabel & { description: string } {
  return {
    id: label.id,
    node_id: nodeId("Label", label.id),
    url: `${repositoryUrls(core, repository).api}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  };
}

type IssueAnswer = Schemas["issue"] &
  WebhookIssue & { state: "open" | "closed"; locked: boolean; labels: WebhookLabel[]; assignee: null };

/** Builds GitHub's `issue`; a pull request is one too, with the `pull_request` links. */
export function issueAnswer(core: ForgeCore, repository: Repository, issue: Issue): IssueAnswer {
  const { api, html } = repositoryUrls(core, repository);
  const url = `${api}/issues/${issue.number}`;
  const account = core.store.accounts.byId(issue.accountId);
  const pull = issue.isPull ? core.store.pulls.byId(issue.id) : undefined;
  const pullHtml = `${html}/pull/${issue.number}`;
  return {
    id: issue.id,
    node_id: nodeId("Issue", issue.id),
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: issue.isPull ? pullHtml : `${html}/issues/${issue.number}`,
    timeline_url: `${url}/timeline`,
    number: issue.number,
    state: issue.state,
    state_reason: issue.state === "closed" && !issue.isPull ? "completed" : null,
    title: issue.title,
    body: issue.body,
    user: userAnswer(core, account),
    labels: core.store.issues.labelsOf(issue.id).map((label) => labelAnswer(core, repository, label)),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: issue.comments,
    created_at: iso(issue.createdAtMs),
    updated_at: iso(issue.updatedAtMs),
    closed_at: issue.closedAtMs === null ? null : iso(issue.closedAtMs),
    author_association: association(core, repository, account),
    performed_via_github_app: performedVia(core, account),
    reactions: reactions(url),
    ...(pull === undefined
      ? {}
      : {
          draft: pull.isDraft,
          pull_request: {
            url: `${api}/pulls/${issue.number}`,
            html_url: pullHtml,
            diff_url: `${pullHtml}.diff`,
            patch_url: `${pullHtml}.patch`,
            merged_at: pull.mergedAtMs === null ? null : iso(pull.mergedAtMs),
          },
        }),
  };
}

/** Builds GitHub's `issue-comment`. */
export function commentAnswer(
  core: ForgeCore,
  repository: Repository,
  issue: Issue,
  comment: Comment,
): Schemas["issue-comment"] & WebhookComment {
  const { api, html } = repositoryUrls(core, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  const account = core.store.accounts.byId(comment.accountId);
  return {
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    url,
    html_url: `${html}/${issue.isPull ? "pull" : "issues"}/${issue.number}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${issue.number}`,
    body: comment.body,
    user: userAnswer(core, account),
    created_at: iso(comment.createdAtMs),
    updated_at: iso(comment.updatedAtMs),
    author_association: association(core, repository, account),
    performed_via_github_app: performedVia(core, account),
    reactions: reactions(url),
  };
}
