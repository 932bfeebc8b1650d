import type { Database } from "./database.ts";
import { integer, nullableText, text, word, type SqlRow } from "./rows.ts";

export type AccountType = "User" | "Organization" | "Bot";

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: AccountType;
  readonly name: string | null;
  readonly email: string | null;
  readonly createdAtMs: number;
}

function account(row: SqlRow): Account {
  return {
    id: integer(row, "id"),
    login: text(row, "login"),
    type: word(row, "type", ["User", "Organization", "Bot"]),
    name: nullableText(row, "name"),
    email: nullableText(row, "email"),
    createdAtMs: integer(row, "created_at_ms"),
  };
}

/** People, organisations, the app's bot, and who belongs to which organisation. */
export class AccountStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  byLogin(login: string): Account | undefined {
    const row = this.#database.get("SELECT * FROM accounts WHERE login = ?", login);
    return row === undefined ? undefined : account(row);
  }

  /** Throws when there is no such account: ids come from rows that refer to it. */
  byId(id: number): Account {
    const row = this.#database.get("SELECT * FROM accounts WHERE id = ?", id);
    if (row === undefined) throw new Error(`no account ${id}`);
    return account(row);
  }

  /** The account of an address: its own, or the one that the forge gives it, which holds its id. */
  byEmail(email: string): Account | undefined {
    const id = /^(\d+)\+[^@]+@users\.noreply\./.exec(email)?.[1];
    const given = id === undefined ? undefined : this.#database.get("SELECT * FROM accounts WHERE id = ?", Number(id));
    if (given !== undefined) return account(given);
    const row = this.#database.get("SELECT * FROM accounts WHERE email = ? COLLATE NOCASE ORDER BY id LIMIT 1", email);
    return row === undefined ? undefined : account(row);
  }

  people(): Account[] {
    return this.#database.all("SELECT * FROM accounts WHERE type = 'User' ORDER BY id").map(account);
  }

  /** Returns the account of that login, made with the given type when unknown; name and email are replaced when given. */
  ensure(login: string, type: AccountType, nowMs: number, details: { name?: string; email?: string } = {}): Account {
    this.#database.run(
      "INSERT INTO accounts (login, type, name, email, created_at_ms) VALUES (?, ?, NULL, NULL, ?) ON CONFLICT (login) DO NOTHING",
      login,
      type,
      nowMs,
    );
    this.#database.run(
      "UPDATE accounts SET name = coalesce(?, name), email = coalesce(?, email) WHERE login = ?",
      details.name ?? null,
      details.email ?? null,
      login,
    );
    const found = this.byLogin(login);
    if (found === undefined) throw new Error(`account ${login} was not kept`);
    return found;
  }

  addMember(organizationId: number, userId: number): void {
    this.#database.run(
      "INSERT OR IGNORE INTO memberships (organization_id, user_id) VALUES (?, ?)",
      organizationId,
      userId,
    );
  }

  isMember(organizationId: number, userId: number): boolean {
    if (organizationId === userId) return true;
    return (
      this.#database.get(
        "SELECT 1 FROM memberships WHERE organization_id = ? AND user_id = ?",
        organizationId,
        userId,
      ) !== undefined
    );
  }

  organizationsOf(userId: number): Account[] {
    return this.#database
      .all(
        "SELECT a.* FROM accounts a JOIN memberships m ON m.organization_id = a.id WHERE m.user_id = ? ORDER BY a.id",
        userId,
      )
      .map(account);
  }
}
