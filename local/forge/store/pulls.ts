import type { Database } from "./database.ts";
import { issueColumns, issueFrom, type Issue } from "./issues.ts";
import { integer, nullableInteger, nullableText, text, word, type SqlRow } from "./rows.ts";

/** A pull request between two branches of one repository. */
export interface Pull {
  readonly issue: Issue;
  readonly headRef: string;
  readonly baseRef: string;
  /** Last known commit of the head branch. */
  readonly headSha: string;
  /** Commit of the base branch; frozen when the pull request closes. */
  readonly baseSha: string;
  readonly isDraft: boolean;
  readonly mergedAtMs: number | null;
  readonly mergedById: number | null;
  readonly mergeCommitSha: string | null;
}

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED";

export interface Review {
  readonly id: number;
  readonly issueId: number;
  readonly accountId: number;
  readonly state: ReviewState;
  readonly body: string;
  readonly commitSha: string;
  readonly submittedAtMs: number;
}

export interface ReviewComment {
  readonly id: number;
  readonly issueId: number;
  readonly reviewId: number;
  readonly accountId: number;
  readonly path: string;
  readonly line: number;
  readonly side: "LEFT" | "RIGHT";
  readonly startLine: number | null;
  /** Lines below the file's first hunk header, as GitHub counts. */
  readonly position: number;
  readonly diffHunk: string;
  readonly body: string;
  readonly commitSha: string;
  readonly inReplyToId: number | null;
  readonly createdAtMs: number;
}

const columns = `${issueColumns}, p.head_ref, p.base_ref, p.head_sha, p.base_sha, p.is_draft, p.merged_at_ms, p.merged_by_id, p.merge_commit_sha`;

function pull(row: SqlRow): Pull {
  return {
    issue: issueFrom(row),
    headRef: text(row, "head_ref"),
    baseRef: text(row, "base_ref"),
    headSha: text(row, "head_sha"),
    baseSha: text(row, "base_sha"),
    isDraft: integer(row, "is_draft") === 1,
    mergedAtMs: nullableInteger(row, "merged_at_ms"),
    mergedById: nullableInteger(row, "merged_by_id"),
    mergeCommitSha: nullableText(row, "merge_commit_sha"),
  };
}

function review(row: SqlRow): Review {
  return {
    id: integer(row, "id"),
    issueId: integer(row, "issue_id"),
    accountId: integer(row, "account_id"),
    state: word(row, "state", ["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]),
    body: text(row, "body"),
    commitSha: text(row, "commit_sha"),
    submittedAtMs: integer(row, "submitted_at_ms"),
  };
}

function reviewComment(row: SqlRow): ReviewComment {
  return {
    id: integer(row, "id"),
    issueId: integer(row, "issue_id"),
    reviewId: integer(row, "review_id"),
    accountId: integer(row, "account_id"),
    path: text(row, "path"),
    line: integer(row, "line"),
    side: word(row, "side", ["LEFT", "RIGHT"]),
    startLine: nullableInteger(row, "start_line"),
    position: integer(row, "position"),
    diffHunk: text(row, "diff_hunk"),
    body: text(row, "body"),
    commitSha: text(row, "commit_sha"),
    inReplyToId: nullableInteger(row, "in_reply_to_id"),
    createdAtMs: integer(row, "created_at_ms"),
  };
}

/** Pull requests with their reviews and review comments. */
export class PullStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  byNumber(repositoryId: number, number: number): Pull | undefined {
    const row = this.#database.get(
      `SELECT ${columns} FROM pulls p JOIN issues i ON i.id = p.issue_id WHERE i.repository_id = ? AND i.number = ?`,
      repositoryId,
      number,
    );
    return row === undefined ? undefined : pull(row);
  }

  /** Throws when there is no such pull request. */
  byId(issueId: number): Pull {
    const row = this.#database.get(
      `SELECT ${columns} FROM pulls p JOIN issues i ON i.id = p.issue_id WHERE i.id = ?`,
      issueId,
    );
    if (row === undefined) throw new Error(`no pull request ${issueId}`);
    return pull(row);
  }

  /** Newest first. */
  list(repositoryId: number, state: "open" | "closed" | "all"): Pull[] {
    return this.#database
      .all(
        `SELECT ${columns} FROM pulls p JOIN issues i ON i.id = p.issue_id
         WHERE i.repository_id = ? AND (? = 'all' OR i.state = ?) ORDER BY i.number DESC`,
        repositoryId,
        state,
        state,
      )
      .map(pull);
  }

  insert(
    issueId: number,
    row: { headRef: string; baseRef: string; headSha: string; baseSha: string; isDraft: boolean },
  ): Pull {
    this.#database.run(
      "INSERT INTO pulls (issue_id, head_ref, base_ref, head_sha, base_sha, is_draft) VALUES (?, ?, ?, ?, ?, ?)",
      issueId,
      row.headRef,
      row.baseRef,
      row.headSha,
      row.baseSha,
      row.isDraft ? 1 : 0,
    );
    return this.byId(issueId);
  }

  setCommits(issueId: number, headSha: string, baseSha: string): void {
    this.#database.run("UPDATE pulls SET head_sha = ?, base_sha = ? WHERE issue_id = ?", headSha, baseSha, issueId);
  }

  setBase(issueId: number, baseRef: string, baseSha: string): void {
    this.#database.run("UPDATE pulls SET base_ref = ?, base_sha = ? WHERE issue_id = ?", baseRef, baseSha, issueId);
  }

  setMerged(issueId: number, mergeCommitSha: string, mergedById: number, nowMs: number): void {
    this.#database.run(
      "UPDATE pulls SET merged_at_ms = ?, merged_by_id = ?, merge_commit_sha = ? WHERE issue_id = ?",
      nowMs,
      mergedById,
      mergeCommitSha,
      issueId,
    );
  }

  addReview(row: Omit<Review, "id">): Review {
    const id = this.#database.insert(
      "INSERT INTO reviews (issue_id, account_id, state, body, commit_sha, submitted_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
      row.issueId,
      row.accountId,
      row.state,
      row.body,
      row.commitSha,
      row.submittedAtMs,
    );
    return { ...row, id };
  }

  reviews(issueId: number): Review[] {
    return this.#database.all("SELECT * FROM reviews WHERE issue_id = ? ORDER BY id", issueId).map(review);
  }

  addReviewComment(row: Omit<ReviewComment, "id">): ReviewComment {
    const id = this.#database.insert(
      `INSERT INTO review_comments (issue_id, review_id, account_id, path, line, side, start_line, position, diff_hunk, body, commit_sha, in_reply_to_id, created_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.issueId,
      row.reviewId,
      row.accountId,
      row.path,
      row.line,
      row.side,
      row.startLine,
      row.position,
      row.diffHunk,
      row.body,
      row.commitSha,
      row.inReplyToId,
      row.createdAtMs,
    );
    return { ...row, id };
  }

  /** Oldest first. */
  reviewComments(issueId: number): ReviewComment[] {
    return this.#database
      .all("SELECT * FROM review_comments WHERE issue_id = ? ORDER BY id", issueId)
      .map(reviewComment);
  }
}
