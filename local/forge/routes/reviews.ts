import { reviewAnswer, reviewCommentAnswer, reviewPayload, simplePull } from "../answers/pulls.ts";
import { accountOf } from "../auth/actor.ts";
import { envelope } from "../events/emit.ts";
import { diffFiles } from "../git/diff.ts";
import { findPlace, findPosition, type HunkPlace } from "../git/hunk-lines.ts";
import { pullDiffBase } from "../git/pull-state.ts";
import { json, type Answer } from "../http/answer.ts";
import { fieldsOf, pageOf, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { notFound, unprocessable, validationFailed } from "../http/errors.ts";
import { Fields } from "../http/request.ts";
import type { Pull, Review, ReviewState } from "../store/pulls.ts";
import type { Schemas } from "../types.ts";
import { pullOf } from "./pulls.ts";

const states = new Map<string, ReviewState>([
  ["APPROVE", "APPROVED"],
  ["REQUEST_CHANGES", "CHANGES_REQUESTED"],
  ["COMMENT", "COMMENTED"],
]);

interface Draft {
  readonly path: string;
  readonly place: HunkPlace;
  readonly startLine: number | null;
  readonly body: string;
}

function side(fields: Fields): "LEFT" | "RIGHT" {
  const value = fields.text("side") ?? "RIGHT";
  if (value !== "LEFT" && value !== "RIGHT")
    throw validationFailed("PullRequestReviewComment", [{ field: "side", code: "invalid" }]);
  return value;
}

/** Checks one inline comment against the pull request's diff. Throws ApiError 422 in GitHub's words. */
function draft(fields: Fields, patches: ReadonlyMap<string, string | undefined>): Draft {
  const path = fields.requiredText("path");
  const body = fields.requiredText("body");
  if (body.trim() === "")
    throw validationFailed("PullRequestReviewComment", [{ field: "body", code: "missing_field" }]);
  if (!patches.has(path)) throw unprocessable("Unprocessable Entity: Path could not be resolved");
  const patch = patches.get(path) ?? "";
  const line = fields.integer("line");
  const position = fields.integer("position");
  const place =
    line !== undefined
      ? findPlace(patch, line, side(fields))
      : position !== undefined
        ? findPosition(patch, position)
        : undefined;
  if (place === undefined) throw unprocessable("Unprocessable Entity: Line could not be resolved");
  const startLine = fields.integer("start_line") ?? null;
  if (startLine !== null) {
    const start = startLine < place.line ? findPlace(patch, startLine, place.side) : undefined;
    if (start === undefined) throw unprocessable("Unprocessable Entity: Start line could not be resolved");
    if (!place.diffHunk.startsWith(start.diffHunk))
      throw unprocessable("Unprocessable Entity: start_line must be part of the same hunk as the line.");
  }
  return { path, place, startLine, body };
}

async function patchesOf(call: RepositoryCall, pull: Pull): Promise<Map<string, string | undefined>> {
  const files = await diffFiles(call.context.git, call.directory, await pullDiffBase(call.context, pull), pull.headSha);
  return new Map(files.map(({ path, patch }) => [path, patch]));
}

function keep(
  call: RepositoryCall,
  pull: Pull,
  state: ReviewState,
  body: string,
  drafts: readonly Draft[],
  inReplyToId: number | null,
): Review {
  const { context, repository } = call;
  const account = accountOf(context, call.actor);
  const nowMs = context.now();
  const common = { issueId: pull.issue.id, accountId: account.id, commitSha: pull.headSha };
  const review = context.store.transaction(() => {
    const made = context.store.pulls.addReview({ ...common, state, body, submittedAtMs: nowMs });
    for (const { path, place, startLine, body: text } of drafts) {
      const { line, position, diffHunk } = place;
      const at = { path, line, side: place.side, startLine, position, diffHunk };
      context.store.pulls.addReviewComment({
        ...common,
        ...at,
        reviewId: made.id,
        body: text,
        inReplyToId,
        createdAtMs: nowMs,
      });
    }
    context.store.issues.touch(pull.issue.id, nowMs);
    return made;
  });
  const about = envelope(context, repository, account);
  if (about !== undefined) {
    context.deliveries.emit(
      "pull_request_review",
      {
        ...about.fields,
        action: "submitted",
        review: reviewPayload(context, repository, pull, review),
        pull_request: simplePull(context, repository, pull),
      },
      { ...about.subject, action: "submitted" },
    );
  }
  return review;
}

async function createReview(call: RepositoryCall): Promise<Answer> {
  const { context, repository } = call;
  const pull = pullOf(call);
  const fields = fieldsOf(call);
  const event = fields.text("event");
  if (event === undefined)
    throw unprocessable("Invalid request.\n\nThis forge keeps no pending reviews: an event must be supplied.");
  const state = states.get(event);
  if (state === undefined)
    throw unprocessable(`Invalid request.\n\n${event} is not a member of ["APPROVE", "REQUEST_CHANGES", "COMMENT"].`);
  const commit = fields.text("commit_id");
  if (commit !== undefined && commit !== pull.headSha)
    throw unprocessable("Unprocessable Entity: commit_id is not the head of the pull request");
  if (state !== "COMMENTED" && accountOf(context, call.actor).id === pull.issue.accountId) {
    throw unprocessable(
      `Unprocessable Entity: Can not ${state === "APPROVED" ? "approve" : "request changes on"} your own pull request`,
    );
  }
  const body = fields.text("body") ?? "";
  const list = fields.list("comments") ?? [];
  if (body.trim() === "" && (state === "CHANGES_REQUESTED" || (state === "COMMENTED" && list.length === 0))) {
    throw unprocessable("Unprocessable Entity: Could not create a review without a body");
  }
  const patches = list.length === 0 ? new Map<string, string | undefined>() : await patchesOf(call, pull);
  const drafts = list.map((value) => draft(Fields.of(value), patches));
  const review = keep(call, pull, state, body, drafts, null);
  return json<Schemas["pull-request-review"]>(200, reviewAnswer(context, repository, pull, review));
}

async function createComment(call: RepositoryCall): Promise<Answer> {
  const { context, repository } = call;
  const pull = pullOf(call);
  const fields = fieldsOf(call);
  const inReplyTo = fields.integer("in_reply_to");
  const parent = context.store.pulls.reviewComments(pull.issue.id).find(({ id }) => id === inReplyTo);
  if (inReplyTo !== undefined && parent === undefined) throw notFound();
  const made =
    parent === undefined
      ? draft(fields, await patchesOf(call, pull))
      : { path: parent.path, place: parent, startLine: parent.startLine, body: fields.requiredText("body") };
  const review = keep(call, pull, "COMMENTED", "", [made], parent?.id ?? null);
  const comment = context.store.pulls.reviewComments(pull.issue.id).find(({ reviewId }) => reviewId === review.id);
  if (comment === undefined) throw new Error("the comment was not kept");
  return json<Schemas["pull-request-review-comment"]>(201, reviewCommentAnswer(context, repository, pull, comment));
}

/** Reviews and their comments. https://docs.github.com/rest/pulls/reviews */
export function addReviewRoutes(routes: ApiRoutes): void {
  routes.repository("POST", "/pulls/:number/reviews", [["pull_requests", "write"]], createReview);
  routes.repository("POST", "/pulls/:number/comments", [["pull_requests", "write"]], createComment);

  routes.repository("GET", "/pulls/:number/reviews", [["pull_requests", "read"]], async (call) => {
    const pull = pullOf(call);
    const page = await pageOf(call, call.context.store.pulls.reviews(pull.issue.id), (review) =>
      reviewAnswer(call.context, call.repository, pull, review),
    );
    return json<readonly Schemas["pull-request-review"][]>(200, page.items, page.headers);
  });

  routes.repository("GET", "/pulls/:number/comments", [["pull_requests", "read"]], async (call) => {
    const pull = pullOf(call);
    const found = call.context.store.pulls.reviewComments(pull.issue.id);
    const page = await pageOf(call, found, (comment) =>
      reviewCommentAnswer(call.context, call.repository, pull, comment),
    );
    return json<readonly Schemas["pull-request-review-comment"][]>(200, page.items, page.headers);
  });
}
