import type {
  PullRequest as WebhookPull,
  PullRequestReview as WebhookReview,
  SimplePullRequest,
} from "@octokit/webhooks-types";
import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { PullState } from "../git/pull-state.ts";
import type { Pull, Review, ReviewComment } from "../store/pulls.ts";
import type { Repository } from "../store/repositories.ts";
import type { Schemas } from "../types.ts";
import { userAnswer } from "./accounts.ts";
import { association, labelAnswer } from "./issues.ts";
import { repositoryAnswer, repositoryUrls, type RepositoryAnswer } from "./repositories.ts";

function pullUrls(
  core: ForgeCore,
  repository: Repository,
  number: number,
): { api: string; html: string; issue: string; repository: string } {
  const { api, html } = repositoryUrls(core, repository);
  return {
    api: `${api}/pulls/${number}`,
    html: `${html}/pull/${number}`,
    issue: `${api}/issues/${number}`,
    repository: api,
  };
}

type PullSide = Schemas["pull-request"]["head"] & WebhookPull["base"];

function side(repository: Repository, answer: RepositoryAnswer, ref: string, sha: string): PullSide {
  return { label: `${repository.owner}:${ref}`, ref, sha, user: answer.owner, repo: answer };
}

/** A pull request as REST lists and review events carry it. */
type SimpleAnswer = Schemas["pull-request-simple"] & SimplePullRequest;

/** Builds GitHub's `pull-request-simple`. */
export function simplePull(core: ForgeCore, repository: Repository, pull: Pull): SimpleAnswer {
  const { issue } = pull;
  const urls = pullUrls(core, repository, issue.number);
  const account = core.store.accounts.byId(issue.accountId);
  const answer = repositoryAnswer(core, repository);
  const statuses = `${urls.repository}/statuses/${pull.headSha}`;
  const reviewComment = `${urls.repository}/pulls/comments{/number}`;
  return {
    id: issue.id,
    node_id: nodeId("PullRequest", issue.id),
    url: urls.api,
    html_url: urls.html,
    diff_url: `${urls.html}.diff`,
    patch_url: `${urls.html}.patch`,
    issue_url: urls.issue,
    commits_url: `${urls.api}/commits`,
    review_comments_url: `${urls.api}/comments`,
    review_comment_url: reviewComment,
    comments_url: `${urls.issue}/comments`,
    statuses_url: statuses,
    number: issue.number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: userAnswer(core, account),
    body: issue.body,
    labels: core.store.issues.labelsOf(issue.id).map((label) => labelAnswer(core, repository, label)),
    milestone: null,
    active_lock_reason: null,
    created_at: iso(issue.createdAtMs),
    updated_at: iso(issue.updatedAtMs),
    closed_at: issue.closedAtMs === null ? null : iso(issue.closedAtMs),
    merged_at: pull.mergedAtMs === null ? null : iso(pull.mergedAtMs),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(repository, answer, pull.headRef, pull.headSha),
    base: side(repository, answer, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: urls.api },
      html: { href: urls.html },
      issue: { href: urls.issue },
      comments: { href: `${urls.issue}/comments` },
      review_comments: { href: `${urls.api}/comments` },
      review_comment: { href: reviewComment },
      commits: { href: `${urls.api}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(core, repository, account),
    auto_merge: null,
    draft: pull.isDraft,
  };
}

/** A whole pull request as REST and webhooks carry it. */
export type PullAnswer = Schemas["pull-request"] & WebhookPull;

/** Builds GitHub's `pull-request`. */
export function pullAnswer(core: ForgeCore, repository: Repository, pull: Pull, state: PullState): PullAnswer {
  return {
    ...simplePull(core, repository, pull),
    user: userAnswer(core, core.store.accounts.byId(pull.issue.accountId)),
    head: side(repository, repositoryAnswer(core, repository), pull.headRef, pull.headSha),
    base: side(repository, repositoryAnswer(core, repository), pull.baseRef, pull.baseSha),
    requested_teams: [],
    merged: pull.mergedAtMs !== null,
    mergeable: state.mergeable,
    rebaseable: state.mergeable,
    mergeable_state: state.mergeable === null ? "unknown" : state.mergeable ? "clean" : "dirty",
    merged_by: pull.mergedById === null ? null : userAnswer(core, core.store.accounts.byId(pull.mergedById)),
    comments: pull.issue.comments,
    review_comments: core.store.pulls.reviewComments(pull.issue.id).length,
    maintainer_can_modify: false,
    commits: state.commits,
    additions: state.additions,
    deletions: state.deletions,
    changed_files: state.changedFiles,
  };
}

/** Builds GitHub's `pull-request-review`. */
export function reviewAnswer(
  core: ForgeCore,
  repository: Repository,
  pull: Pull,
  review: Review,
): Schemas["pull-request-review"] {
  const urls = pullUrls(core, repository, pull.issue.number);
  const account = core.store.accounts.byId(review.accountId);
  const html = `${urls.html}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId("PullRequestReview", review.id),
    user: userAnswer(core, account),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: urls.api,
    _links: { html: { href: html }, pull_request: { href: urls.api } },
    submitted_at: iso(review.submittedAtMs),
    commit_id: review.commitSha,
    author_association: association(core, repository, account),
  };
}

/** Builds the review of a `pull_request_review` event, whose states are in lower case. */
export function reviewPayload(core: ForgeCore, repository: Repository, pull: Pull, review: Review): WebhookReview {
  const urls = pullUrls(core, repository, pull.issue.number);
  const account = core.store.accounts.byId(review.accountId);
  const html = `${urls.html}#pullrequestreview-${review.id}`;
  const states = { APPROVED: "approved", CHANGES_REQUESTED: "changes_requested", COMMENTED: "commented" } as const;
  return {
    id: review.id,
    node_id: nodeId("PullRequestReview", review.id),
    user: userAnswer(core, account),
    body: review.body === "" ? null : review.body,
    commit_id: review.commitSha,
    submitted_at: iso(review.submittedAtMs),
    state: states[review.state],
    html_url: html,
    pull_request_url: urls.api,
    author_association: association(core, repository, account),
    _links: { html: { href: html }, pull_request: { href: urls.api } },
  };
}

/** Builds GitHub's `pull-request-review-comment`. */
export function reviewCommentAnswer(
  core: ForgeCore,
  repository: Repository,
  pull: Pull,
  comment: ReviewComment,
): Schemas["pull-request-review-comment"] {
  const urls = pullUrls(core, repository, pull.issue.number);
  const account = core.store.accounts.byId(comment.accountId);
  const url = `${urls.repository}/pulls/comments/${comment.id}`;
  const html = `${urls.html}#discussion_r${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId("PullRequestReviewComment", comment.id),
    url,
    pull_request_review_id: comment.reviewId,
    diff_hunk: comment.diffHunk,
    path: comment.path,
    position: comment.position,
    original_position: comment.position,
    commit_id: comment.commitSha,
    original_commit_id: comment.commitSha,
    user: userAnswer(core, account),
    body: comment.body,
    created_at: iso(comment.createdAtMs),
    updated_at: iso(comment.createdAtMs),
    html_url: html,
    pull_request_url: urls.api,
    author_association: association(core, repository, account),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: urls.api } },
    line: comment.line,
    original_line: comment.line,
    side: comment.side,
    start_line: comment.startLine,
    original_start_line: comment.startLine,
    start_side: comment.startLine === null ? null : comment.side,
    subject_type: "line",
    ...(comment.inReplyToId === null ? {} : { in_reply_to_id: comment.inReplyToId }),
  };
}
