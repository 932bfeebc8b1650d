import type { SQLOutputValue } from "node:sqlite";

/** One row as node:sqlite gives it. */
export type SqlRow = Record<string, SQLOutputValue>;

/** A TEXT column that is never null. Throws when the column is missing or of another type. */
export function text(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new Error(`column ${column} is not text`);
  return value;
}

/** A TEXT column that may be null. */
export function nullableText(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** An INTEGER column that is never null. */
export function integer(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new Error(`column ${column} is not an integer`);
  return value;
}

/** An INTEGER column that may be null. */
export function nullableInteger(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

/** A TEXT column that holds one of a few words. Throws on any other. */
export function word<const T extends string>(row: SqlRow, column: string, words: readonly T[]): T {
  const value = text(row, column);
  const found = words.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`column ${column} holds an unknown word`);
  return found;
}
