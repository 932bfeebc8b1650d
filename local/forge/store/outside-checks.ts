import type { Database } from "./database.ts";
import { integer, nullableText, text, word, type SqlRow } from "./rows.ts";

const kinds = ["check_run", "status"] as const;

/** A check of a service beside the forge: a commit status or a check run of another app. */
export interface OutsideCheck {
  readonly id: number;
  readonly repositoryId: number;
  readonly sha: string;
  readonly kind: (typeof kinds)[number];
  readonly name: string;
  /** As GitHub has conclusions; null while it runs. */
  readonly conclusion: string | null;
  readonly url: string | null;
  readonly updatedAtMs: number;
}

/** Checks of other services, the newest of each name on a commit, and the checks that branches demand. */
export class OutsideCheckStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Sets a check; an earlier one of its kind and name on the commit is replaced and keeps its id. */
  set(check: Omit<OutsideCheck, "id">): OutsideCheck {
    const { conclusion, kind, name, repositoryId, sha, updatedAtMs, url } = check;
    this.#database.run(
      `INSERT INTO outside_checks (repository_id, sha, kind, name, conclusion, url, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (repository_id, sha, kind, name)
       DO UPDATE SET conclusion = excluded.conclusion, url = excluded.url, updated_at_ms = excluded.updated_at_ms`,
      ...[repositoryId, sha, kind, name, conclusion, url, updatedAtMs],
    );
    const found = this.list(repositoryId, sha, kind).find((each) => each.name === name);
    if (found === undefined) throw new Error("the check was not kept");
    return found;
  }

  /** Oldest first. */
  list(repositoryId: number, sha: string, kind: OutsideCheck["kind"]): OutsideCheck[] {
    return this.#database
      .all(
        "SELECT * FROM outside_checks WHERE repository_id = ? AND sha = ? AND kind = ? ORDER BY id",
        ...[repositoryId, sha, kind],
      )
      .map(outsideCheck);
  }

  /** Sets the names of the checks that a branch demands; none lifts the demand. */
  require(repositoryId: number, branch: string, names: readonly string[]): void {
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM required_checks WHERE repository_id = ? AND branch = ?", repositoryId, branch);
      for (const name of new Set(names))
        this.#database.run(
          "INSERT INTO required_checks (repository_id, branch, name) VALUES (?, ?, ?)",
          ...[repositoryId, branch, name],
        );
    });
  }

  required(repositoryId: number, branch: string): string[] {
    return this.#database
      .all(
        "SELECT name FROM required_checks WHERE repository_id = ? AND branch = ? ORDER BY name",
        repositoryId,
        branch,
      )
      .map((row) => text(row, "name"));
  }
}

function outsideCheck(row: SqlRow): OutsideCheck {
  return {
    id: integer(row, "id"),
    repositoryId: integer(row, "repository_id"),
    sha: text(row, "sha"),
    kind: word(row, "kind", kinds),
    name: text(row, "name"),
    conclusion: nullableText(row, "conclusion"),
    url: nullableText(row, "url"),
    updatedAtMs: integer(row, "updated_at_ms"),
  };
}
