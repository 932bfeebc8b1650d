import type { ImportReason } from "../../contracts/ticket-transfer.ts";
import type { BoardFacts, TicketFacts } from "./facts.ts";
import {
  readFields,
  shortened,
  type ChangedTicket,
  type ImportedFields,
  type ReadFields,
  type TicketRef,
} from "./import-fields.ts";
import { findCycles } from "./import-graph.ts";
import type { ImportField, ImportRow } from "./import-rows.ts";
import type { TransferNames, TransferTables } from "./transfer.ts";

/** The surroundings that decide about a file's rows. */
export interface ImportBoard extends Pick<BoardFacts, "tickets"> {
  readonly names: TransferNames;
  readonly tables: TransferTables;
  /** The tickets that rows name by their keys, by ticket id. */
  readonly named: ReadonlyMap<string, ChangedTicket>;
  /** The tickets that this very file made before, by the line of their row. */
  readonly made: ReadonlyMap<number, string>;
  /** Whether rows with the key of a ticket change that ticket. */
  readonly mayUpdate: boolean;
}

/** The decision about a row. */
export type ImportDecision = { readonly line: number; readonly title: string } & (
  | { readonly status: "refused"; readonly key: string | null; readonly reasons: readonly ImportReason[] }
  | { readonly status: "unchanged"; readonly ticketId: string }
  | { readonly status: "created"; readonly fields: ImportedFields }
  | {
      readonly status: "updated";
      readonly ticketId: string;
      readonly changed: readonly ImportField[];
      readonly fields: ImportedFields;
    }
);

/** A row with the ticket that it means: null for a new one. */
interface Target {
  readonly row: ImportRow;
  readonly ticketId: string | null;
  /** The reason for which the row means no ticket at all. */
  readonly refusal: ImportReason | null;
  /** True for a row that made its ticket before. */
  readonly isMade: boolean;
}

/**
 * Decides what becomes of each row of a file, in the file's order. Rows may mean each other by `key` or `ref`, whichever comes first. A
 * row whose ticket was made by the same file before is unchanged. Nothing is decided to be half good: see `isRefused`.
 */
export function decideImport(board: ImportBoard, rows: readonly ImportRow[]): readonly ImportDecision[] {
  const byKey = new Map([...board.tickets.values()].map((ticket) => [ticket.key, ticket]));
  const targets = targetsOf(board, rows, byKey);
  const byName = new Map<string, Target>();
  for (const target of targets)
    for (const name of [target.row.ref, target.row.key]) if (name !== "") byName.set(name, target);
  const refOf = (name: string): TicketRef | string => {
    const target = byName.get(name);
    if (target !== undefined)
      return target.ticketId === null ? { line: target.row.line } : { ticketId: target.ticketId };
    const ticket = byKey.get(name);
    if (ticket === undefined) return `“${shortened(name)}” is no row of the file and no ticket of this project`;
    return ticket.isDeleted ? `${ticket.key} is deleted. Restore it first` : { ticketId: ticket.id };
  };
  const around = { names: board.names, tables: board.tables, refOf };
  const read = new Map<number, ReadFields>();
  for (const { isMade, refusal, row, ticketId } of targets)
    if (!isMade && refusal === null)
      read.set(row.line, readFields(row, ticketId === null ? null : (board.named.get(ticketId) ?? null), around));
  const circles = circlesOf(board, targets, read);
  return targets.map((target) => decided(target, read.get(target.row.line), circles.get(target.row.line) ?? [], board));
}

/** Whether a decision keeps all rows out: an import writes every row or none. */
export function isRefused(decisions: readonly ImportDecision[]): boolean {
  return decisions.some(({ status }) => status === "refused");
}

function targetsOf(
  board: ImportBoard,
  rows: readonly ImportRow[],
  byKey: ReadonlyMap<string, TicketFacts>,
): readonly Target[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const refused = (field: string, message: string, ticketId: string | null = null): Target => ({
      ...{ row, ticketId, isMade: false },
      refusal: { field, message },
    });
    for (const field of ["key", "ref"] as const) {
      const name = row[field];
      const other = name === "" ? undefined : seen.get(name);
      if (other !== undefined && other !== row.line)
        return refused(field, `“${shortened(name)}” stands in line ${other} too`);
      if (name !== "") seen.set(name, row.line);
    }
    const made = board.made.get(row.line);
    if (made !== undefined) {
      const ticket = board.tickets.get(made);
      if (ticket?.isDeleted !== true) return { row, ticketId: made, isMade: true, refusal: null };
      return refused("row", `made ${ticket.key} before, which was deleted since. Restore it, or change the row`, made);
    }
    const ticket = row.key === "" ? undefined : byKey.get(row.key);
    if (ticket === undefined) return { row, ticketId: null, isMade: false, refusal: null };
    if (ticket.isDeleted) return refused("key", `${ticket.key} is deleted. Restore it first`, ticket.id);
    if (!board.mayUpdate)
      return refused(
        "key",
        `${ticket.key} is a ticket of this project already. Let the import update tickets, or call the column “ref” to make a new one`,
        ticket.id,
      );
    return { row, ticketId: ticket.id, isMade: false, refusal: null };
  });
}

function decided(
  { isMade, refusal, row, ticketId }: Target,
  read: ReadFields | undefined,
  circles: readonly ImportReason[],
  board: ImportBoard,
): ImportDecision {
  const { line } = row;
  const before = ticketId === null ? undefined : board.named.get(ticketId);
  const title = read?.fields.title ?? row.cells.title?.trim() ?? before?.source.title ?? "";
  const key = ticketId === null ? null : (board.tickets.get(ticketId)?.key ?? null);
  const reasons = [...(refusal === null ? [] : [refusal]), ...(read?.reasons ?? []), ...circles];
  if (reasons.length > 0) return { line, title: shortened(title), status: "refused", key, reasons };
  if (ticketId !== null && (isMade || read === undefined || read.changed.length === 0))
    return { line, title, status: "unchanged", ticketId };
  if (read === undefined) return { line, title, status: "refused", key, reasons: [] };
  if (ticketId === null) return { line, title, status: "created", fields: read.fields };
  return { line, title, status: "updated", ticketId, changed: read.changed, fields: read.fields };
}

/** The circles of parents and of dependencies that the rows would make, by the lines that take part. */
function circlesOf(
  { tickets }: ImportBoard,
  targets: readonly Target[],
  read: ReadonlyMap<number, ReadFields>,
): ReadonlyMap<number, readonly ImportReason[]> {
  const byNode = new Map<string, Target>();
  const nodeOf = (ref: TicketRef): string => ("line" in ref ? `line ${ref.line}` : ref.ticketId);
  for (const target of targets)
    if (read.has(target.row.line)) byNode.set(target.ticketId ?? nodeOf({ line: target.row.line }), target);
  const named = (node: string): string => {
    const row = byNode.get(node)?.row;
    return (
      tickets.get(node)?.key ?? (row === undefined || (row.key === "" && row.ref === "") ? node : row.key || row.ref)
    );
  };
  const nodes = [...tickets.keys(), ...byNode.keys()];
  const reasons = new Map<number, ImportReason[]>();
  const note = (
    field: string,
    words: string,
    edges: (fields: ImportedFields) => readonly TicketRef[],
    own: (ticket: TicketFacts) => readonly string[],
  ) => {
    const edgesOf = (node: string): readonly string[] => {
      const fields = read.get(byNode.get(node)?.row.line ?? 0)?.fields;
      if (fields !== undefined) return edges(fields).map(nodeOf);
      const ticket = tickets.get(node);
      return ticket === undefined ? [] : own(ticket);
    };
    for (const cycle of findCycles(nodes, edgesOf)) {
      const message = `${words}: ${cycle.map(named).map(shortened).join(" -> ")}`;
      const lines = new Set(cycle.flatMap((node) => byNode.get(node)?.row.line ?? []));
      for (const line of lines) reasons.set(line, [...(reasons.get(line) ?? []), { field, message }]);
    }
  };
  note(
    "parent",
    "would make a circle of parents",
    ({ parent }) => (parent === null ? [] : [parent]),
    ({ parentId }) => (parentId === null ? [] : [parentId]),
  );
  note(
    "depends_on",
    "would make a circle",
    ({ dependsOn }) => dependsOn,
    ({ dependsOn }) => dependsOn,
  );
  return reasons;
}
