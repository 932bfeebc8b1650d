import type { Database } from "./database.ts";
import { integer, nullableText, text, type SqlRow } from "./rows.ts";

export interface Repository {
  readonly id: number;
  readonly ownerId: number;
  readonly owner: string;
  readonly name: string;
  readonly description: string | null;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  /** Bytes of source by language, largest first. */
  readonly languages: ReadonlyMap<string, number>;
  readonly sizeBytes: number;
  readonly openIssues: number;
  readonly createdAtMs: number;
  readonly pushedAtMs: number;
}

const columns = `r.*, a.login AS owner,
  (SELECT count(*) FROM issues i WHERE i.repository_id = r.id AND i.state = 'open') AS open_issues`;

function repository(row: SqlRow): Repository {
  const parsed: unknown = JSON.parse(text(row, "languages"));
  const languages = new Map<string, number>();
  if (typeof parsed === "object" && parsed !== null) {
    for (const [language, bytes] of Object.entries(parsed))
      if (typeof bytes === "number") languages.set(language, bytes);
  }
  return {
    id: integer(row, "id"),
    ownerId: integer(row, "owner_id"),
    owner: text(row, "owner"),
    name: text(row, "name"),
    description: nullableText(row, "description"),
    isPrivate: integer(row, "is_private") === 1,
    defaultBranch: text(row, "default_branch"),
    languages,
    sizeBytes: integer(row, "size_bytes"),
    openIssues: integer(row, "open_issues"),
    createdAtMs: integer(row, "created_at_ms"),
    pushedAtMs: integer(row, "pushed_at_ms"),
  };
}

/** Repositories' records; their git data lies in a bare repository named by the id. */
export class RepositoryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  byName(owner: string, name: string): Repository | undefined {
    const row = this.#database.get(
      `SELECT ${columns} FROM repositories r JOIN accounts a ON a.id = r.owner_id WHERE a.login = ? AND r.name = ? AND r.ready = 1`,
      owner,
      name,
    );
    return row === undefined ? undefined : repository(row);
  }

  /** The id of the repository that had this name before, while no other has taken it. */
  formerId(owner: string, name: string): number | undefined {
    const row = this.#database.get("SELECT repository_id FROM former_names WHERE owner = ? AND name = ?", owner, name);
    return row === undefined ? undefined : integer(row, "repository_id");
  }

  /** Undefined when there is no such repository. */
  find(id: number): Repository | undefined {
    const row = this.#database.get(
      `SELECT ${columns} FROM repositories r JOIN accounts a ON a.id = r.owner_id WHERE r.id = ? AND r.ready = 1`,
      id,
    );
    return row === undefined ? undefined : repository(row);
  }

  /** Gives a repository another owner and name; the old name leads to it until another repository takes it. */
  move(moved: Repository, ownerId: number, name: string): void {
    this.#database.run(
      "INSERT INTO former_names (owner, name, repository_id) VALUES (?, ?, ?) ON CONFLICT (owner, name) DO UPDATE SET repository_id = excluded.repository_id",
      moved.owner,
      moved.name,
      moved.id,
    );
    this.#database.run("UPDATE repositories SET owner_id = ?, name = ? WHERE id = ?", ownerId, name, moved.id);
    this.#forgetFormer(ownerId, name);
    if (ownerId !== moved.ownerId)
      this.#database.run("DELETE FROM installation_repositories WHERE repository_id = ?", moved.id);
  }

  #forgetFormer(ownerId: number, name: string): void {
    this.#database.run(
      "DELETE FROM former_names WHERE owner = (SELECT login FROM accounts WHERE id = ?) AND name = ?",
      ownerId,
      name,
    );
  }

  /** Restricts a repository to these people of its owner; undefined lets all of them see it again. */
  setReaders(id: number, userIds: readonly number[] | undefined): void {
    this.#database.run("DELETE FROM repository_readers WHERE repository_id = ?", id);
    this.#database.run("DELETE FROM restricted_repositories WHERE repository_id = ?", id);
    if (userIds === undefined) return;
    this.#database.run("INSERT INTO restricted_repositories (repository_id) VALUES (?)", id);
    for (const userId of userIds)
      this.#database.run("INSERT INTO repository_readers (repository_id, user_id) VALUES (?, ?)", id, userId);
  }

  /** True when a member of the repository's owner may see it. */
  letsRead(id: number, userId: number): boolean {
    const row = this.#database.get(
      `SELECT EXISTS (SELECT 1 FROM restricted_repositories WHERE repository_id = ?1)
         AND NOT EXISTS (SELECT 1 FROM repository_readers WHERE repository_id = ?1 AND user_id = ?2) AS is_hidden`,
      id,
      userId,
    );
    return row === undefined || integer(row, "is_hidden") === 0;
  }

  /** Makes all branches of a repository take signed commits alone, or lifts that. */
  requireSignatures(id: number, required: boolean): void {
    this.#database.run("DELETE FROM signature_rules WHERE repository_id = ?", id);
    if (required) this.#database.run("INSERT INTO signature_rules (repository_id) VALUES (?)", id);
  }

  requiresSignatures(id: number): boolean {
    return this.#database.get("SELECT repository_id FROM signature_rules WHERE repository_id = ?", id) !== undefined;
  }

  /** Throws when there is no such repository. */
  byId(id: number): Repository {
    const row = this.#database.get(
      `SELECT ${columns} FROM repositories r JOIN accounts a ON a.id = r.owner_id WHERE r.id = ?`,
      id,
    );
    if (row === undefined) throw new Error(`no repository ${id}`);
    return repository(row);
  }

  byOwner(ownerId: number): Repository[] {
    return this.#database
      .all(
        `SELECT ${columns} FROM repositories r JOIN accounts a ON a.id = r.owner_id WHERE r.owner_id = ? AND r.ready = 1 ORDER BY r.id`,
        ownerId,
      )
      .map(repository);
  }

  all(): Repository[] {
    return this.#database
      .all(
        `SELECT ${columns} FROM repositories r JOIN accounts a ON a.id = r.owner_id WHERE r.ready = 1 ORDER BY a.login, r.name`,
      )
      .map(repository);
  }

  /** Reserves the name; the repository is unseen until `markReady`. Throws when the owner already has the name. */
  insert(row: {
    ownerId: number;
    name: string;
    description: string | null;
    isPrivate: boolean;
    defaultBranch: string;
    nowMs: number;
  }): number {
    // A half-made repository of an import that died must not hold its name.
    this.#database.run("DELETE FROM repositories WHERE owner_id = ? AND name = ? AND ready = 0", row.ownerId, row.name);
    this.#forgetFormer(row.ownerId, row.name);
    return this.#database.insert(
      "INSERT INTO repositories (owner_id, name, description, is_private, default_branch, created_at_ms, pushed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      row.ownerId,
      row.name,
      row.description,
      row.isPrivate ? 1 : 0,
      row.defaultBranch,
      row.nowMs,
      row.nowMs,
    );
  }

  markReady(id: number, defaultBranch: string): void {
    this.#database.run("UPDATE repositories SET ready = 1, default_branch = ? WHERE id = ?", defaultBranch, id);
  }

  forget(id: number): void {
    this.#database.run("DELETE FROM repositories WHERE id = ? AND ready = 0", id);
  }

  setPushed(id: number, nowMs: number): void {
    this.#database.run("UPDATE repositories SET pushed_at_ms = ? WHERE id = ?", nowMs, id);
  }

  setLanguages(id: number, languages: ReadonlyMap<string, number>, sizeBytes: number): void {
    this.#database.run(
      "UPDATE repositories SET languages = ?, size_bytes = ? WHERE id = ?",
      JSON.stringify(Object.fromEntries(languages)),
      sizeBytes,
      id,
    );
  }

  /** The next number of an issue or pull request: they share one sequence. */
  nextNumber(id: number): number {
    this.#database.run("UPDATE repositories SET last_number = last_number + 1 WHERE id = ?", id);
    const row = this.#database.get("SELECT last_number FROM repositories WHERE id = ?", id);
    if (row === undefined) throw new Error(`no repository ${id}`);
    return integer(row, "last_number");
  }
}
