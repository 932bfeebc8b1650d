import { commentAnswer, issueAnswer, labelAnswer } from "../answers/issues.ts";
import { accountOf } from "../auth/actor.ts";
import { emitPull, envelope } from "../events/emit.ts";
import { json, type Answer } from "../http/answer.ts";
import { fieldsOf, pageOf, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { notFound, validationFailed } from "../http/errors.ts";
import type { Fields } from "../http/request.ts";
import type { Issue } from "../store/issues.ts";
import type { Schemas } from "../types.ts";

const either = {
  read: [
    ["issues", "read"],
    ["pull_requests", "read"],
  ],
  write: [
    ["issues", "write"],
    ["pull_requests", "write"],
  ],
} as const;

function issueOf(call: RepositoryCall): Issue {
  const found = call.context.store.issues.byNumber(call.repository.id, call.parameters.number("number"));
  if (found === undefined) throw notFound();
  return found;
}

function labelNames(fields: Fields): string[] {
  return (fields.list("labels") ?? []).map((value) => {
    const name =
      typeof value === "string"
        ? value
        : typeof value === "object" && value !== null && "name" in value
          ? value.name
          : undefined;
    if (typeof name !== "string" || name.trim() === "")
      throw validationFailed("Label", [{ field: "name", code: "invalid" }]);
    return name;
  });
}

function createIssue(call: RepositoryCall): Answer {
  const { context, repository } = call;
  const fields = fieldsOf(call);
  const title = (fields.text("title") ?? "").trim();
  if (title === "") throw validationFailed("Issue", [{ field: "title", code: "missing_field" }]);
  const body = bodyOf(fields, "Issue");
  const names = labelNames(fields);
  const account = accountOf(context, call.actor);
  const issue = context.store.transaction(() => {
    const made = context.store.issues.insert({
      repositoryId: repository.id,
      number: context.store.repositories.nextNumber(repository.id),
      isPull: false,
      title,
      body,
      accountId: account.id,
      nowMs: context.now(),
    });
    for (const name of names)
      context.store.issues.addLabel(made.id, context.store.issues.ensureLabel(repository.id, name).id);
    return made;
  });
  const answer = issueAnswer(context, repository, issue);
  const about = envelope(context, repository, account);
  if (about !== undefined) {
    const opened = { ...answer, state: "open" as const, closed_at: null };
    context.deliveries.emit(
      "issues",
      { ...about.fields, action: "opened", issue: opened },
      { ...about.subject, action: "opened" },
    );
  }
  return json<Schemas["issue"]>(201, answer, { location: answer.url });
}

/** GitHub takes no longer text of an issue or a pull request. */
const maxBodyCharacters = 65_536;

/** The text that a request gives an issue or a pull request. Throws ApiError 422. */
export function bodyOf(fields: Fields, resource: string): string | null {
  const body = fields.text("body") ?? null;
  if ((body?.length ?? 0) <= maxBodyCharacters) return body;
  const message = `body is too long (maximum is ${maxBodyCharacters} characters)`;
  throw validationFailed(resource, [{ field: "body", code: "custom", message }]);
}

/** The changes that a PATCH of an issue or a pull request requests. Throws ApiError 422. */
export function issueChange(
  fields: Fields,
  resource: string,
): { title?: string; body?: string | null; state?: "open" | "closed" } {
  const state = fields.text("state");
  if (state !== undefined && state !== "open" && state !== "closed")
    throw validationFailed(resource, [{ field: "state", code: "invalid" }]);
  const title = fields.text("title");
  return {
    ...(title === undefined ? {} : { title }),
    ...(fields.has("body") ? { body: bodyOf(fields, resource) } : {}),
    ...(state === undefined ? {} : { state }),
  };
}

async function updateIssue(call: RepositoryCall): Promise<Answer> {
  const { context, repository } = call;
  const fields = fieldsOf(call);
  const before = issueOf(call);
  const issue = context.store.issues.update(before.id, issueChange(fields, "Issue"), context.now());
  const account = accountOf(context, call.actor);
  if (issue.state !== before.state && issue.isPull) {
    const emitter = { core: context, deliveries: context.deliveries };
    await emitPull(
      emitter,
      repository,
      context.store.pulls.byId(issue.id),
      account,
      issue.state === "closed" ? "closed" : "reopened",
    );
  } else if (issue.state !== before.state) {
    const about = envelope(context, repository, account);
    const answer = issueAnswer(context, repository, issue);
    if (about !== undefined && issue.state === "closed") {
      const closed = { ...answer, state: "closed" as const, closed_at: answer.closed_at ?? answer.updated_at };
      context.deliveries.emit(
        "issues",
        { ...about.fields, action: "closed", issue: closed },
        { ...about.subject, action: "closed" },
      );
    } else if (about !== undefined) {
      const open = { ...answer, state: "open" as const, closed_at: null };
      context.deliveries.emit(
        "issues",
        { ...about.fields, action: "reopened", issue: open },
        { ...about.subject, action: "reopened" },
      );
    }
  }
  return json<Schemas["issue"]>(200, issueAnswer(context, repository, issue));
}

function createComment(call: RepositoryCall): Answer {
  const { context, repository } = call;
  const body = fieldsOf(call).text("body") ?? "";
  if (body.trim() === "") throw validationFailed("IssueComment", [{ field: "body", code: "missing_field" }]);
  const found = issueOf(call);
  const account = accountOf(context, call.actor);
  const comment = context.store.issues.addComment(found.id, account.id, body, context.now());
  const issue = context.store.issues.byId(found.id);
  const answer = commentAnswer(context, repository, issue, comment);
  const about = envelope(context, repository, account);
  if (about !== undefined) {
    const payload = {
      ...about.fields,
      action: "created" as const,
      issue: issueAnswer(context, repository, issue),
      comment: answer,
    };
    context.deliveries.emit("issue_comment", payload, { ...about.subject, action: "created" });
  }
  return json<Schemas["issue-comment"]>(201, answer, { location: answer.url });
}

function addLabels(call: RepositoryCall): Answer {
  const { context, repository } = call;
  const issue = issueOf(call);
  const account = accountOf(context, call.actor);
  const about = envelope(context, repository, account);
  for (const name of labelNames(fieldsOf(call))) {
    const label = context.store.issues.ensureLabel(repository.id, name);
    if (!context.store.issues.addLabel(issue.id, label.id) || about === undefined || issue.isPull) continue;
    const payload = {
      ...about.fields,
      action: "labeled" as const,
      issue: issueAnswer(context, repository, issue),
      label: labelAnswer(context, repository, label),
    };
    context.deliveries.emit("issues", payload, { ...about.subject, action: "labeled" });
  }
  const labels = context.store.issues.labelsOf(issue.id).map((label) => labelAnswer(context, repository, label));
  return json<Schemas["label"][]>(200, labels);
}

/** Issues, comments and labels. https://docs.github.com/rest/issues */
export function addIssueRoutes(routes: ApiRoutes): void {
  routes.repository("POST", "/issues", [["issues", "write"]], createIssue);
  routes.repository("GET", "/issues", [["issues", "read"]], async (call) => {
    const asked = query(call, "state");
    const state = asked === "closed" || asked === "all" ? asked : "open";
    const page = await pageOf(call, call.context.store.issues.list(call.repository.id, state), (issue) =>
      issueAnswer(call.context, call.repository, issue),
    );
    return json<readonly Schemas["issue"][]>(200, page.items, page.headers);
  });

  routes.repository("GET", "/issues/comments/:comment", either.read, ({ context, repository, parameters }) => {
    const comment = context.store.issues.comment(parameters.number("comment"));
    const issue = comment === undefined ? undefined : context.store.issues.byId(comment.issueId);
    if (comment === undefined || issue?.repositoryId !== repository.id) throw notFound();
    return json<Schemas["issue-comment"]>(200, commentAnswer(context, repository, issue, comment));
  });

  routes.repository("GET", "/issues/:number", either.read, (call) =>
    json<Schemas["issue"]>(200, issueAnswer(call.context, call.repository, issueOf(call))),
  );
  routes.repository("PATCH", "/issues/:number", either.write, updateIssue);
  routes.repository("POST", "/issues/:number/comments", either.write, createComment);
  routes.repository("GET", "/issues/:number/comments", either.read, async (call) => {
    const issue = issueOf(call);
    const page = await pageOf(call, call.context.store.issues.comments(issue.id), (comment) =>
      commentAnswer(call.context, call.repository, issue, comment),
    );
    return json<readonly Schemas["issue-comment"][]>(200, page.items, page.headers);
  });

  routes.repository("GET", "/labels", either.read, async (call) => {
    const page = await pageOf(call, call.context.store.issues.labels(call.repository.id), (label) =>
      labelAnswer(call.context, call.repository, label),
    );
    return json<readonly Schemas["label"][]>(200, page.items, page.headers);
  });
  routes.repository("POST", "/issues/:number/labels", either.write, addLabels);
  routes.repository("DELETE", "/issues/:number/labels/:name", either.write, (call) => {
    const issue = issueOf(call);
    const label = call.context.store.issues
      .labelsOf(issue.id)
      .find(({ name }) => name.toLowerCase() === call.parameters.text("name").toLowerCase());
    if (label === undefined) throw notFound("Label does not exist");
    call.context.store.issues.removeLabel(issue.id, label.id);
    const left = call.context.store.issues
      .labelsOf(issue.id)
      .map((kept) => labelAnswer(call.context, call.repository, kept));
    return json<Schemas["label"][]>(200, left);
  });
}
