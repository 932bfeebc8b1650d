import type { ForgeWrite } from "../types.ts";
import { AccountStore } from "./accounts.ts";
import { openDatabase, type Database } from "./database.ts";
import { DeliveryStore } from "./deliveries.ts";
import { InstallationStore } from "./installations.ts";
import { IssueStore } from "./issues.ts";
import { OutsideCheckStore } from "./outside-checks.ts";
import { PullStore } from "./pulls.ts";
import { RepositoryStore } from "./repositories.ts";
import { integer, nullableText, text } from "./rows.ts";
import { RunStore } from "./runs.ts";

/** The forge's own append-only list of what it accepted: there is no way to change or remove a row. */
export class WriteStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  append(write: Omit<ForgeWrite, "id">): void {
    this.#database.run(
      "INSERT INTO writes (at_ms, actor, token_id, method, path, repository, status, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      write.atMs,
      write.actor,
      write.tokenId,
      write.method,
      write.path,
      write.repository,
      write.status,
      write.result,
    );
  }

  /** Oldest first. */
  all(): ForgeWrite[] {
    return this.#database.all("SELECT * FROM writes ORDER BY id").map((row) => ({
      id: integer(row, "id"),
      atMs: integer(row, "at_ms"),
      actor: text(row, "actor"),
      tokenId: text(row, "token_id"),
      method: text(row, "method"),
      path: text(row, "path"),
      repository: nullableText(row, "repository"),
      status: integer(row, "status"),
      result: text(row, "result"),
    }));
  }
}

/** Everything that the forge keeps besides git objects and logs. */
export interface Store {
  readonly accounts: AccountStore;
  readonly repositories: RepositoryStore;
  readonly installations: InstallationStore;
  readonly issues: IssueStore;
  readonly pulls: PullStore;
  readonly runs: RunStore;
  readonly outsideChecks: OutsideCheckStore;
  readonly deliveries: DeliveryStore;
  readonly writes: WriteStore;
  setting(key: string): string | undefined;
  setSetting(key: string, value: string | undefined): void;
  /** All or nothing; `work` must not await. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens the store in one SQLite file, made when missing. */
export function openStore(file: string): Store {
  const database = openDatabase(file);
  return {
    accounts: new AccountStore(database),
    repositories: new RepositoryStore(database),
    installations: new InstallationStore(database),
    issues: new IssueStore(database),
    pulls: new PullStore(database),
    runs: new RunStore(database),
    outsideChecks: new OutsideCheckStore(database),
    deliveries: new DeliveryStore(database),
    writes: new WriteStore(database),
    setting(key) {
      const row = database.get("SELECT value FROM settings WHERE key = ?", key);
      return row === undefined ? undefined : text(row, "value");
    },
    setSetting(key, value) {
      if (value === undefined) database.run("DELETE FROM settings WHERE key = ?", key);
      else
        database.run(
          "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
          key,
          value,
        );
    },
    transaction: (work) => database.transaction(work),
    close: () => database.close(),
  };
}
