import { iso } from "../core.ts";
import { diffText } from "../git/diff.ts";
import { pullDiffBase } from "../git/pull-state.ts";
import { bytes, type Answer } from "../http/answer.ts";
import { pullPatch } from "../routes/pulls.ts";
import type { Issue } from "../store/issues.ts";
import type { Pull } from "../store/pulls.ts";
import { heading } from "./files.ts";
import { diffBlock, html, missingPage, page, withReferences, type Html } from "./html.ts";
import { runRows } from "./runs.ts";
import type { Visit } from "./site.ts";

const maxShownChars = 1024 * 1024;

function list(visit: Visit, issues: readonly Issue[], kind: "pull" | "issues"): Html {
  if (issues.length === 0) return html`<p>None yet.</p>`;
  const rows = issues.map(
    (issue) =>
      html`<tr>
        <td>#${issue.number}</td>
        <td><a href="${visit.home}/${kind}/${issue.number}">${issue.title}</a></td>
        <td class="dim">${issue.state}</td>
      </tr>`,
  );
  return html`<table>
    ${rows}
  </table>`;
}

/** All pull requests, newest first. */
export function showPulls(visit: Visit): Answer {
  const pulls = visit.context.store.pulls.list(visit.repository.id, "all");
  return page(
    "Pull requests",
    html`${heading(visit)}
      <h2>Pull requests</h2>
      ${list(
        visit,
        pulls.map(({ issue }) => issue),
        "pull",
      )}`,
  );
}

/** All issues, newest first. */
export function showIssues(visit: Visit): Answer {
  const issues = visit.context.store.issues.list(visit.repository.id, "all").filter(({ isPull }) => !isPull);
  return page(
    "Issues",
    html`${heading(visit)}
      <h2>Issues</h2>
      ${list(visit, issues, "issues")}`,
  );
}

function conversation({ context }: Visit, issue: Issue): Html {
  const by = (id: number, atMs: number): Html =>
    html`<p class="dim">${context.store.accounts.byId(id).login} · ${iso(atMs)}</p>`;
  return html`${by(issue.accountId, issue.createdAtMs)}
  ${issue.body === null || issue.body === "" ? "" : html`<pre>${withReferences(issue.body)}</pre>`}
  ${context.store.issues.comments(issue.id).map(
    (comment) =>
      html`<div id="issuecomment-${comment.id}">
        ${by(comment.accountId, comment.createdAtMs)}
        <pre>${withReferences(comment.body)}</pre>
      </div>`,
  )}`;
}

/** One issue with its comments. */
export function showIssue(visit: Visit): Answer {
  const issue = visit.context.store.issues.byNumber(visit.repository.id, visit.parameters.number("number"));
  if (issue === undefined || issue.isPull) return missingPage();
  return page(
    issue.title,
    html`${heading(visit)}
      <h2>#${issue.number} ${issue.title}</h2>
      <p class="dim">${issue.state}</p>
      ${conversation(visit, issue)}`,
  );
}

function reviews({ context }: Visit, pull: Pull): Html {
  const comments = context.store.pulls.reviewComments(pull.issue.id);
  const items = context.store.pulls.reviews(pull.issue.id).map(
    (review) =>
      html`<div id="pullrequestreview-${review.id}">
        <p class="dim">
          ${context.store.accounts.byId(review.accountId).login} · ${review.state.toLowerCase().replaceAll("_", " ")} ·
          ${iso(review.submittedAtMs)}
        </p>
        ${review.body === "" ? "" : html`<pre>${review.body}</pre>`}
        ${comments
          .filter(({ reviewId }) => reviewId === review.id)
          .map(
            (comment) =>
              html`<div id="discussion_r${comment.id}">
                <p><code>${comment.path}:${comment.line}</code></p>
                <pre>${comment.body}</pre>
              </div>`,
          )}
      </div>`,
  );
  return items.length === 0
    ? html``
    : html`<h2>Reviews</h2>
        ${items}`;
}

async function diffOf({ context, directory }: Visit, pull: Pull): Promise<Buffer> {
  return diffText(context.git, directory, await pullDiffBase(context, pull), pull.headSha);
}

/** One pull request: its state, conversation, reviews, runs and diff. */
export async function showPull(visit: Visit): Promise<Answer> {
  const { context, repository, home } = visit;
  const pull = context.store.pulls.byNumber(repository.id, visit.parameters.number("number"));
  if (pull === undefined) return missingPage();
  const state = pull.mergedAtMs === null ? pull.issue.state : "merged";
  const runs = context.store.runs.list(repository.id, { headSha: pull.headSha });
  const diff = (await diffOf(visit, pull)).toString("utf8").slice(0, maxShownChars);
  return page(
    pull.issue.title,
    html`${heading(visit)}
      <h2>#${pull.issue.number} ${pull.issue.title}</h2>
      <p>
        <strong>${state}</strong> · <code>${pull.headRef}</code> into <code>${pull.baseRef}</code> ·
        <a href="${home}/commit/${pull.headSha}">${pull.headSha.slice(0, 10)}</a>
      </p>
      ${conversation(visit, pull.issue)} ${reviews(visit, pull)}
      ${
        runs.length === 0
          ? ""
          : html`<h2>Checks</h2>
              ${runRows(visit, runs)}`
      }
      <h2>Files changed</h2>
      <p><a href="${home}/pull/${pull.issue.number}.diff">Plain diff</a></p>
      ${diffBlock(diff)}`,
  );
}

/** `pull/<number>.diff` and `.patch`. */
export async function showPullText(visit: Visit, kind: "diff" | "patch"): Promise<Answer> {
  const number = /^(\d{1,9})\.(diff|patch)$/.exec(visit.parameters.text("number"))?.[1];
  const pull =
    number === undefined ? undefined : visit.context.store.pulls.byNumber(visit.repository.id, Number(number));
  if (pull === undefined) return missingPage();
  const text = kind === "diff" ? await diffOf(visit, pull) : await pullPatch(visit, pull);
  return bytes(200, text, "text/plain; charset=utf-8", { "x-content-type-options": "nosniff" });
}
