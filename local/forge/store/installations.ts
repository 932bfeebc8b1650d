import { permissionNames, type Permissions } from "../types.ts";
import type { Database } from "./database.ts";
import { integer, nullableInteger, nullableText, text, word, type SqlRow } from "./rows.ts";

export interface Installation {
  readonly id: number;
  readonly accountId: number;
  readonly selection: "all" | "selected";
  readonly permissions: Permissions;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The rights of a token. The token itself is never stored, only its hash. */
export interface TokenRecord {
  readonly kind: "installation" | "user";
  readonly installationId: number | null;
  readonly userId: number | null;
  readonly permissions: Permissions;
  /** Undefined: whatever the installation reaches. */
  readonly repositoryIds: readonly number[] | undefined;
  readonly expiresAtMs: number;
}

/** Reads permissions out of JSON; unknown names and levels are left out. */
export function parsePermissions(value: unknown): Permissions {
  const permissions: Permissions = {};
  if (typeof value !== "object" || value === null) return permissions;
  const given = new Map<string, unknown>(Object.entries(value));
  for (const name of permissionNames) {
    const level = given.get(name);
    if (level === "write") permissions[name] = "write";
    else if (level === "read" && name !== "workflows") permissions[name] = "read";
  }
  return permissions;
}

function installation(row: SqlRow): Installation {
  return {
    id: integer(row, "id"),
    accountId: integer(row, "account_id"),
    selection: word(row, "selection", ["all", "selected"]),
    permissions: parsePermissions(JSON.parse(text(row, "permissions"))),
    createdAtMs: integer(row, "created_at_ms"),
    updatedAtMs: integer(row, "updated_at_ms"),
  };
}

/** Installations of the app, the repositories that each reaches, and the tokens and OAuth codes that were given out. */
export class InstallationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): Installation[] {
    return this.#database.all("SELECT * FROM installations ORDER BY id").map(installation);
  }

  byId(id: number): Installation | undefined {
    const row = this.#database.get("SELECT * FROM installations WHERE id = ?", id);
    return row === undefined ? undefined : installation(row);
  }

  byAccount(accountId: number): Installation | undefined {
    const row = this.#database.get("SELECT * FROM installations WHERE account_id = ?", accountId);
    return row === undefined ? undefined : installation(row);
  }

  /** Makes or replaces the account's installation; returns its id. */
  save(
    accountId: number,
    selection: "all" | "selected",
    permissions: Permissions,
    repositoryIds: readonly number[],
    nowMs: number,
  ): number {
    return this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO installations (account_id, selection, permissions, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (account_id) DO UPDATE SET selection = excluded.selection, permissions = excluded.permissions, updated_at_ms = excluded.updated_at_ms`,
        accountId,
        selection,
        JSON.stringify(permissions),
        nowMs,
        nowMs,
      );
      const saved = this.byAccount(accountId);
      if (saved === undefined) throw new Error("installation was not kept");
      this.#database.run("DELETE FROM installation_repositories WHERE installation_id = ?", saved.id);
      for (const repositoryId of repositoryIds) this.addRepository(saved.id, repositoryId);
      return saved.id;
    });
  }

  /** Uninstalls: its tokens die with it. */
  remove(id: number): void {
    this.#database.run("DELETE FROM installations WHERE id = ?", id);
  }

  addRepository(installationId: number, repositoryId: number): void {
    this.#database.run(
      "INSERT OR IGNORE INTO installation_repositories (installation_id, repository_id) VALUES (?, ?)",
      installationId,
      repositoryId,
    );
  }

  /** Ids of the repositories that the installation reaches now, ascending. */
  repositoryIds(found: Installation): number[] {
    const rows =
      found.selection === "all"
        ? this.#database.all(
            "SELECT id FROM repositories WHERE owner_id = ? AND ready = 1 ORDER BY id",
            found.accountId,
          )
        : this.#database.all(
            "SELECT r.id FROM installation_repositories i JOIN repositories r ON r.id = i.repository_id WHERE i.installation_id = ? AND r.ready = 1 ORDER BY r.id",
            found.id,
          );
    return rows.map((row) => integer(row, "id"));
  }

  saveToken(hash: string, token: TokenRecord): void {
    this.#database.run(
      "INSERT INTO tokens (hash, kind, installation_id, user_id, permissions, repository_ids, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      hash,
      token.kind,
      token.installationId,
      token.userId,
      JSON.stringify(token.permissions),
      token.repositoryIds === undefined ? null : JSON.stringify(token.repositoryIds),
      token.expiresAtMs,
    );
  }

  token(hash: string): TokenRecord | undefined {
    const row = this.#database.get("SELECT * FROM tokens WHERE hash = ?", hash);
    if (row === undefined) return undefined;
    const ids = nullableText(row, "repository_ids");
    const parsed: unknown = ids === null ? undefined : JSON.parse(ids);
    return {
      kind: word(row, "kind", ["installation", "user"]),
      installationId: nullableInteger(row, "installation_id"),
      userId: nullableInteger(row, "user_id"),
      permissions: parsePermissions(JSON.parse(text(row, "permissions"))),
      repositoryIds: Array.isArray(parsed) ? parsed.filter((id): id is number => typeof id === "number") : undefined,
      expiresAtMs: integer(row, "expires_at_ms"),
    };
  }

  deleteToken(hash: string): void {
    this.#database.run("DELETE FROM tokens WHERE hash = ?", hash);
  }

  deleteExpired(nowMs: number): void {
    this.#database.run("DELETE FROM tokens WHERE expires_at_ms < ?", nowMs);
    this.#database.run("DELETE FROM oauth_codes WHERE expires_at_ms < ?", nowMs);
  }

  saveCode(
    hash: string,
    code: { userId: number; redirectUri: string; codeChallenge: string | null; expiresAtMs: number },
  ): void {
    this.#database.run(
      "INSERT INTO oauth_codes (hash, user_id, redirect_uri, code_challenge, expires_at_ms) VALUES (?, ?, ?, ?, ?)",
      hash,
      code.userId,
      code.redirectUri,
      code.codeChallenge,
      code.expiresAtMs,
    );
  }

  /** Takes the code out, so that it works once, whatever comes of the exchange. */
  takeCode(
    hash: string,
  ): { userId: number; redirectUri: string; codeChallenge: string | null; expiresAtMs: number } | undefined {
    const row = this.#database.get("DELETE FROM oauth_codes WHERE hash = ? RETURNING *", hash);
    if (row === undefined) return undefined;
    return {
      userId: integer(row, "user_id"),
      redirectUri: text(row, "redirect_uri"),
      codeChallenge: nullableText(row, "code_challenge"),
      expiresAtMs: integer(row, "expires_at_ms"),
    };
  }
}
