import type { BatchItem } from "drizzle-orm/batch";
import { drizzle } from "drizzle-orm/d1";

/** The typed client over a D1 binding. */
export function createDatabase(d1: D1Database) {
  return drizzle(d1);
}

export type Database = ReturnType<typeof createDatabase>;

/**
 * One write; sent when it is awaited or, with others, by `db.batch`: all or, when one throws, none. A batch does not stop
 * when a guard misses, so what must follow a statement that may change nothing carries `changes() = 1` itself. Made by
 * the client's builders: its `run(sql)` can't carry parameters in a batch.
 */
export type Statement = BatchItem<"sqlite">;

/**
 * True when D1 refused a write because of the unique index over these columns. SQLite names them, not the index.
 *
 * @param columns as SQLite writes them, such as `project.tenant_id, project.key`
 */
export function isUniqueViolation(error: unknown, columns: string): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current.message.includes(`UNIQUE constraint failed: ${columns}`)) return true;
  }
  return false;
}
