import type { Ticket } from "../../../../contracts/project.ts";

/** A place on the board: before this ticket of the column; at its end where that is null. */
export interface Place {
  readonly column: string;
  readonly before: string | null;
}

/** Orders the tickets of a column: by rank, compared by code unit as the server does, then by id. */
export function byRank(a: Pick<Ticket, "rank" | "id">, b: Pick<Ticket, "rank" | "id">): number {
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
  return Number(a.id) - Number(b.id);
}

/**
 * The ticket before which tickets go that are put at `index` among the visible ones of a column, the moving ones not counted. It is the
 * visible ticket that stands there; after the last visible one, the ticket that follows it in the whole column, which a filter may hide.
 */
export function beforeAt(
  column: readonly Ticket[],
  visible: readonly Ticket[],
  moving: ReadonlySet<string>,
  index: number,
): string | null {
  const staying = visible.filter(({ id }) => !moving.has(id));
  const there = staying[index];
  if (there !== undefined) return there.id;
  const last = staying.at(-1);
  if (last === undefined) return null;
  const all = column.filter(({ id }) => !moving.has(id));
  return all[all.findIndex(({ id }) => id === last.id) + 1]?.id ?? null;
}

/** A column's tickets with these put before the ticket `before`, in their order; at the end where it is null or elsewhere. */
export function placed(column: readonly Ticket[], moving: readonly Ticket[], before: string | null): readonly Ticket[] {
  const ids = new Set(moving.map(({ id }) => id));
  const staying = column.filter(({ id }) => !ids.has(id));
  const at = before === null ? -1 : staying.findIndex(({ id }) => id === before);
  const index = at === -1 ? staying.length : at;
  return [...staying.slice(0, index), ...moving, ...staying.slice(index)];
}

/** Whether two lists hold the same things in the same order. */
export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
