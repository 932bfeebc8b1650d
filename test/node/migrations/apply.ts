import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

const folder = join(import.meta.dirname, "../../../migrations");
/** The migrations by name, in order. */
export const files = readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .toSorted();
/** The place of a migration by its number. */
export const numbered = (number: number) => files.findIndex((name) => name.startsWith(String(number).padStart(4, "0")));

/** Applies migrations as D1 does: each in one transaction, with foreign keys on. */
export function apply(database: DatabaseSync, names: readonly string[]): void {
  for (const name of names) {
    const statements = readFileSync(join(folder, name), "utf8").split("--> statement-breakpoint");
    database.exec(`begin; pragma defer_foreign_keys = on;`);
    for (const statement of statements) database.exec(statement);
    database.exec("commit");
  }
}
