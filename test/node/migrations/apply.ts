import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const folder = join(import.meta.dirname, "../../../migrations");
/** The migrations by name, in order. */
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .toSorted();
/** The place of a migration by its number. */
const numbered = (number: number) => files.findIndex((name) => name.startsWith(String(number).padStart(4, "0")));

/** Applies migrations as D1 does: each in one transaction, with foreign keys on. */
function apply(database: DatabaseSync, names: readonly string[]): void {
  for (const name of names) {
    const statements = readFileSync(join(folder, name), "utf8").split("--> statement-breakpoint");
    database.exec(`begin; pragma defer_foreign_keys = on;`);
    for (const statement of statements) database.exec(statement);
    database.exec("commit");
  }
}

/** A database as it was before the migration of this number, filled by SQL or by a function, brought up to today. */
export function databaseBefore(number: number, fill: string | ((database: DatabaseSync) => void)): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec("pragma foreign_keys = on");
  const first = numbered(number);
  apply(database, files.slice(0, first));
  if (typeof fill === "string") database.exec(fill);
  else fill(database);
  apply(database, files.slice(first));
  return database;
}
