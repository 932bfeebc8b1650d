import type { Ticket } from "../../../../../contracts/project.ts";
import { priorityLabels } from "../../../../components/ticket-icons.tsx";
import type { ColumnInfo } from "../columns-info.ts";

export const sortKeys = [
  "key",
  "title",
  "type",
  "priority",
  "column",
  "assignee",
  "labels",
  "repository",
  "updated",
] as const;
export type SortKey = (typeof sortKeys)[number];

/** The order of a list; without a key it is the board's own. */
export interface Sort {
  readonly key: SortKey | null;
  readonly descending: boolean;
}

export const groupings = ["none", "column", "assignee", "priority", "epic"] as const;
export type Grouping = (typeof groupings)[number];

/** A line of the list: a group's name, or a ticket. */
export type ListRow =
  | { readonly kind: "group"; readonly id: string; readonly label: string; readonly count: number }
  | { readonly kind: "ticket"; readonly id: string; readonly ticket: Ticket };

/** The order that an address names: a key, with a minus before it for the other way round. */
export function sortOf(text: string | undefined): Sort {
  const descending = text?.startsWith("-") === true;
  const key = sortKeys.find((each) => each === text?.slice(descending ? 1 : 0)) ?? null;
  return { key, descending: key !== null && descending };
}

/** The order after a click on a column's head: by it, then the other way round, then the board's own. */
export function nextSort({ descending, key }: Sort, clicked: SortKey): string | undefined {
  if (key !== clicked) return clicked;
  return descending ? undefined : `-${clicked}`;
}

export function groupingOf(text: string | undefined): Grouping {
  return groupings.find((each) => each === text) ?? "none";
}

const types: readonly Ticket["type"][] = ["epic", "story", "task", "bug"];
const priorities: readonly Ticket["priority"][] = ["urgent", "high", "medium", "low", "none"];
const numberOf = ({ key }: Ticket) => Number(key.slice(key.lastIndexOf("-") + 1));
const { compare: text } = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
/** Texts by the alphabet, with empty ones last. */
const filled = (a: string, b: string) => (a === "" || b === "" ? Number(a === "") - Number(b === "") : text(a, b));
const repositoryName = ({ repository }: Ticket) =>
  repository === null ? "" : `${repository.owner}/${repository.name}`;

const compare: Record<SortKey, (a: Ticket, b: Ticket, columns: readonly ColumnInfo[]) => number> = {
  key: (a, b) => numberOf(a) - numberOf(b),
  title: (a, b) => text(a.title, b.title),
  type: (a, b) => types.indexOf(a.type) - types.indexOf(b.type),
  priority: (a, b) => priorities.indexOf(a.priority) - priorities.indexOf(b.priority),
  column: (a, b, columns) => placeOf(a.column, columns) - placeOf(b.column, columns),
  assignee: (a, b) => filled(a.assignee?.name ?? "", b.assignee?.name ?? ""),
  labels: (a, b) => filled(a.labels.join(", "), b.labels.join(", ")),
  repository: (a, b) => filled(repositoryName(a), repositoryName(b)),
  updated: (a, b) => a.updatedAtMs - b.updatedAtMs,
};

const placeOf = (column: string, columns: readonly ColumnInfo[]) => columns.findIndex(({ id }) => id === column);

/** Tickets in an order; equal ones stay in the board's. */
export function sorted(tickets: readonly Ticket[], sort: Sort, columns: readonly ColumnInfo[]): readonly Ticket[] {
  const { descending, key } = sort;
  if (key === null) return tickets;
  return tickets.toSorted((a, b) => compare[key](a, b, columns) * (descending ? -1 : 1));
}

interface ListOptions {
  readonly sort: Sort;
  readonly group: Grouping;
  readonly columns: readonly ColumnInfo[];
  readonly ticketOf: (id: string) => Ticket | undefined;
}

/** The lines of a list: groups in their own order, each with its tickets in the list's order. Every ticket comes once. */
export function rowsOf(tickets: readonly Ticket[], options: ListOptions): readonly ListRow[] {
  const { columns, group, sort } = options;
  const rows = sorted(tickets, sort, columns).map((ticket) => ({ kind: "ticket", id: ticket.id, ticket }) as const);
  if (group === "none") return rows;
  const groups = new Map<string, { readonly label: string; readonly place: string; readonly rows: ListRow[] }>();
  for (const row of rows) {
    const { id, label, place } = groupOf(row.ticket, options);
    const known = groups.get(id);
    if (known === undefined) groups.set(id, { label, place, rows: [row] });
    else known.rows.push(row);
  }
  return [...groups]
    .toSorted(([, a], [, b]) => text(a.place, b.place))
    .flatMap(([id, { label, rows: own }]) => [
      { kind: "group", id: `group-${id}`, label, count: own.length } as const,
      ...own,
    ]);
}

/** A ticket's group: `place` orders groups among each other. */
function groupOf(
  ticket: Ticket,
  { columns, group, ticketOf }: ListOptions,
): { readonly id: string; readonly label: string; readonly place: string } {
  switch (group) {
    case "column": {
      const at = placeOf(ticket.column, columns);
      return { id: ticket.column, label: columns[at]?.name ?? ticket.column, place: `${at}` };
    }
    case "priority":
      return {
        id: ticket.priority,
        label: priorityLabels[ticket.priority],
        place: `${priorities.indexOf(ticket.priority)}`,
      };
    case "assignee": {
      const name = ticket.assignee?.name;
      return {
        id: ticket.assignee?.id ?? "none",
        label: name ?? "Nobody",
        place: name === undefined ? "1" : `0 ${name}`,
      };
    }
    case "epic": {
      const epic = topOf(ticket, ticketOf);
      if (epic === undefined) return { id: "none", label: "No parent", place: "1" };
      return { id: epic.id, label: `${epic.key} ${epic.title}`, place: `0 ${epic.key}` };
    }
    case "none":
      return { id: "", label: "", place: "" };
  }
}

/** A ticket's topmost parent, or itself where it is an epic; parents in a circle end at the last new one. */
function topOf(ticket: Ticket, ticketOf: (id: string) => Ticket | undefined): Ticket | undefined {
  const seen = new Set([ticket.id]);
  let top: Ticket | undefined = ticket.type === "epic" ? ticket : undefined;
  for (
    let next = ticket.parentId === null ? undefined : ticketOf(ticket.parentId);
    next !== undefined && !seen.has(next.id);
    next = next.parentId === null ? undefined : ticketOf(next.parentId)
  ) {
    seen.add(next.id);
    top = next;
  }
  return top;
}
