import type { Columns } from "./own-writes.ts";

/** Selected tickets, and the one from which a range goes on. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly anchor: string | null;
}

export const nothingSelected: Selection = { ids: new Set(), anchor: null };

/** The selection with this ticket added, or without it. */
export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** The selection with the tickets from the anchor to this one, when both are visible in one column; otherwise with this one. */
export function ranged({ anchor, ids }: Selection, columns: Columns, id: string): Selection {
  const column = [...columns.values()].find((tickets) => tickets.some((ticket) => ticket.id === id)) ?? [];
  const to = column.findIndex((ticket) => ticket.id === id);
  const from = column.findIndex((ticket) => ticket.id === anchor);
  if (to === -1) return { anchor, ids };
  const start = from === -1 ? to : from;
  const range = column.slice(Math.min(start, to), Math.max(start, to) + 1).map((ticket) => ticket.id);
  return { ids: new Set([...ids, ...range]), anchor: from === -1 ? id : anchor };
}

/** The selection without tickets that are no longer visible; the same one when all are. */
export function stillVisible(selection: Selection, columns: Columns): Selection {
  if (selection.ids.size === 0) return selection;
  const visible = new Set([...columns.values()].flat().map(({ id }) => id));
  const ids = [...selection.ids].filter((id) => visible.has(id));
  return ids.length === selection.ids.size ? selection : { ...selection, ids: new Set(ids) };
}
