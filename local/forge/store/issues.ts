import type { Database } from "./database.ts";
import { integer, nullableInteger, nullableText, text, word, type SqlRow } from "./rows.ts";

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string;
}

/** An issue, or the issue side of a pull request. */
export interface Issue {
  readonly id: number;
  readonly repositoryId: number;
  readonly number: number;
  readonly isPull: boolean;
  readonly title: string;
  readonly body: string | null;
  readonly state: "open" | "closed";
  readonly accountId: number;
  readonly comments: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly closedAtMs: number | null;
}

export interface Comment {
  readonly id: number;
  readonly issueId: number;
  readonly accountId: number;
  readonly body: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The issue's columns with its count of comments, for queries that join it as `i`. */
export const issueColumns = "i.*, (SELECT count(*) FROM comments c WHERE c.issue_id = i.id) AS comment_count";

/** Reads an issue out of a row selected with `issueColumns`. */
export function issueFrom(row: SqlRow): Issue {
  return {
    id: integer(row, "id"),
    repositoryId: integer(row, "repository_id"),
    number: integer(row, "number"),
    isPull: integer(row, "is_pull") === 1,
    title: text(row, "title"),
    body: nullableText(row, "body"),
    state: word(row, "state", ["open", "closed"]),
    accountId: integer(row, "account_id"),
    comments: integer(row, "comment_count"),
    createdAtMs: integer(row, "created_at_ms"),
    updatedAtMs: integer(row, "updated_at_ms"),
    closedAtMs: nullableInteger(row, "closed_at_ms"),
  };
}

function comment(row: SqlRow): Comment {
  return {
    id: integer(row, "id"),
    issueId: integer(row, "issue_id"),
    accountId: integer(row, "account_id"),
    body: text(row, "body"),
    createdAtMs: integer(row, "created_at_ms"),
    updatedAtMs: integer(row, "updated_at_ms"),
  };
}

function label(row: SqlRow): Label {
  return {
    id: integer(row, "id"),
    name: text(row, "name"),
    color: text(row, "color"),
    description: text(row, "description"),
  };
}

/** Issues, their comments and their labels. */
export class IssueStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  byNumber(repositoryId: number, number: number): Issue | undefined {
    const row = this.#database.get(
      `SELECT ${issueColumns} FROM issues i WHERE i.repository_id = ? AND i.number = ?`,
      repositoryId,
      number,
    );
    return row === undefined ? undefined : issueFrom(row);
  }

  /** Throws when there is no such issue. */
  byId(id: number): Issue {
    const row = this.#database.get(`SELECT ${issueColumns} FROM issues i WHERE i.id = ?`, id);
    if (row === undefined) throw new Error(`no issue ${id}`);
    return issueFrom(row);
  }

  /** Newest first; pull requests are among them, as on GitHub. */
  list(repositoryId: number, state: "open" | "closed" | "all"): Issue[] {
    return this.#database
      .all(
        `SELECT ${issueColumns} FROM issues i WHERE i.repository_id = ? AND (? = 'all' OR i.state = ?) ORDER BY i.number DESC`,
        repositoryId,
        state,
        state,
      )
      .map(issueFrom);
  }

  insert(row: {
    repositoryId: number;
    number: number;
    isPull: boolean;
    title: string;
    body: string | null;
    accountId: number;
    nowMs: number;
  }): Issue {
    const id = this.#database.insert(
      `INSERT INTO issues (repository_id, number, is_pull, title, body, state, account_id, created_at_ms, updated_at_ms)
       VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?)`,
      row.repositoryId,
      row.number,
      row.isPull ? 1 : 0,
      row.title,
      row.body,
      row.accountId,
      row.nowMs,
      row.nowMs,
    );
    return this.byId(id);
  }

  /** Replaces what is given; closing and reopening keep `closed_at` truthful. */
  update(
    id: number,
    change: { title?: string; body?: string | null; state?: "open" | "closed" },
    nowMs: number,
  ): Issue {
    const before = this.byId(id);
    const state = change.state ?? before.state;
    const closedAtMs = state === "open" ? null : (before.closedAtMs ?? nowMs);
    this.#database.run(
      "UPDATE issues SET title = ?, body = ?, state = ?, closed_at_ms = ?, updated_at_ms = ? WHERE id = ?",
      change.title ?? before.title,
      change.body === undefined ? before.body : change.body,
      state,
      closedAtMs,
      nowMs,
      id,
    );
    return this.byId(id);
  }

  touch(id: number, nowMs: number): void {
    this.#database.run("UPDATE issues SET updated_at_ms = ? WHERE id = ?", nowMs, id);
  }

  addComment(issueId: number, accountId: number, body: string, nowMs: number): Comment {
    const id = this.#database.insert(
      "INSERT INTO comments (issue_id, account_id, body, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?)",
      issueId,
      accountId,
      body,
      nowMs,
      nowMs,
    );
    this.touch(issueId, nowMs);
    return { id, issueId, accountId, body, createdAtMs: nowMs, updatedAtMs: nowMs };
  }

  /** Oldest first. */
  comments(issueId: number): Comment[] {
    return this.#database.all("SELECT * FROM comments WHERE issue_id = ? ORDER BY id", issueId).map(comment);
  }

  comment(id: number): Comment | undefined {
    const row = this.#database.get("SELECT * FROM comments WHERE id = ?", id);
    return row === undefined ? undefined : comment(row);
  }

  labelsOf(issueId: number): Label[] {
    return this.#database
      .all(
        "SELECT l.* FROM labels l JOIN issue_labels il ON il.label_id = l.id WHERE il.issue_id = ? ORDER BY l.name",
        issueId,
      )
      .map(label);
  }

  labels(repositoryId: number): Label[] {
    return this.#database.all("SELECT * FROM labels WHERE repository_id = ? ORDER BY name", repositoryId).map(label);
  }

  /** Returns the repository's label of that name, made (grey) when unknown. */
  ensureLabel(repositoryId: number, name: string): Label {
    this.#database.run(
      "INSERT OR IGNORE INTO labels (repository_id, name, color, description) VALUES (?, ?, 'ededed', '')",
      repositoryId,
      name,
    );
    const row = this.#database.get("SELECT * FROM labels WHERE repository_id = ? AND name = ?", repositoryId, name);
    if (row === undefined) throw new Error("label was not kept");
    return label(row);
  }

  addLabel(issueId: number, labelId: number): boolean {
    return (
      this.#database.run("INSERT OR IGNORE INTO issue_labels (issue_id, label_id) VALUES (?, ?)", issueId, labelId) > 0
    );
  }

  removeLabel(issueId: number, labelId: number): boolean {
    return this.#database.run("DELETE FROM issue_labels WHERE issue_id = ? AND label_id = ?", issueId, labelId) > 0;
  }
}
