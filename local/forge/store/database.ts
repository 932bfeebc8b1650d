import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { SqlRow } from "./rows.ts";
import { firstIds, schema } from "./schema.ts";

/** A thin, synchronous face of node:sqlite: parameters are always bound, never spliced into the text. */
export interface Database {
  all(sql: string, ...parameters: SQLInputValue[]): SqlRow[];
  get(sql: string, ...parameters: SQLInputValue[]): SqlRow | undefined;
  /** Returns the rows changed. */
  run(sql: string, ...parameters: SQLInputValue[]): number;
  /** Runs an INSERT and returns the new row's id. */
  insert(sql: string, ...parameters: SQLInputValue[]): number;
  /** All or nothing; nested calls join the outer one. `work` must not await. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens the forge's database file and makes its tables when they are missing. Throws when the file can't be opened. */
export function openDatabase(file: string): Database {
  const sqlite = new DatabaseSync(file);
  sqlite.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;",
  );
  sqlite.exec(schema);
  for (const [table, first] of Object.entries(firstIds)) {
    sqlite
      .prepare(
        "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
      )
      .run(table, first, table);
  }
  let depth = 0;
  return {
    all: (sql, ...parameters) => sqlite.prepare(sql).all(...parameters),
    get: (sql, ...parameters) => sqlite.prepare(sql).get(...parameters),
    run: (sql, ...parameters) => Number(sqlite.prepare(sql).run(...parameters).changes),
    insert: (sql, ...parameters) => Number(sqlite.prepare(sql).run(...parameters).lastInsertRowid),
    transaction(work) {
      if (depth > 0) return work();
      depth += 1;
      sqlite.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        sqlite.exec("COMMIT");
        return result;
      } catch (error) {
        sqlite.exec("ROLLBACK");
        throw error;
      } finally {
        depth -= 1;
      }
    },
    close: () => sqlite.close(),
  };
}
