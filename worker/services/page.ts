import { ServiceError } from "../errors.ts";

/** Items of one page of a list. */
export const pageSize = 100;

/** One page of rows that were read with `limit = pageSize + 1` in the order of their ids. */
export interface Page<T> {
  readonly items: T[];
  /** Where the next page starts; null at the end. */
  readonly nextCursor: string | null;
}

/** The id after which a page starts: 0 without a cursor. Throws `invalid_request` on a cursor that we never gave. */
export function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) {
    throw new ServiceError("invalid_request", "cursor: is not one that a list has given", {
      issues: [{ path: "cursor", message: "is not one that a list has given" }],
    });
  }
  return Number(cursor);
}

/** Cuts rows to a page and names where the next one starts. */
export function toPage<T extends { readonly id: string }>(rows: readonly T[]): Page<T> {
  const items = rows.slice(0, pageSize);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > pageSize && last !== undefined ? last.id : null };
}
