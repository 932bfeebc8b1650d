import type { Ticket } from "../../../../contracts/project.ts";
import { placed } from "./order.ts";

/** The columns of a project’s boards by their ids, each with its tickets in order. */
export type Columns = ReadonlyMap<string, readonly Ticket[]>;

export type EditedFields = Partial<
  Pick<
    Ticket,
    | "type"
    | "title"
    | "description"
    | "acceptanceCriteria"
    | "priority"
    | "labels"
    | "assignee"
    | "repository"
    | "parentId"
  >
>;

type Write =
  | {
      readonly kind: "move";
      readonly ticketIds: readonly string[];
      readonly column: string;
      readonly before: string | null;
    }
  | { readonly kind: "edit"; readonly ticketId: string; readonly fields: EditedFields }
  | { readonly kind: "link"; readonly ticketId: string; readonly dependsOn: string }
  | { readonly kind: "unlink"; readonly ticketId: string; readonly dependsOn: string }
  | { readonly kind: "delete"; readonly ticketIds: readonly string[] }
  | { readonly kind: "move_column"; readonly columnId: string; readonly after: string | null };

/** The server's answer to a write: the board's number that holds it, or the ticket's version. */
export type Answer = { readonly headSeq: number } | { readonly version: number };

/** A write of this page that its board shows before its change arrives. */
export type OwnWrite = Write & { readonly token: number; readonly answer: Answer | null };
export type NewWrite = Write;

/** Whether the board's own tickets hold a write, so that it needs no showing any more. */
export function isHeld(write: OwnWrite, headSeq: number, tickets: ReadonlyMap<string, Ticket>): boolean {
  const { answer } = write;
  if (answer === null) return false;
  if ("headSeq" in answer) return answer.headSeq <= headSeq;
  if (write.kind !== "edit") return true;
  const ticket = tickets.get(write.ticketId);
  return ticket === undefined || ticket.version >= answer.version;
}

/** The columns as they will be once these writes are done. */
export function laidOver(columns: Columns, writes: readonly OwnWrite[]): Columns {
  if (writes.length === 0) return columns;
  const next = new Map(columns);
  for (const write of writes) lay(next, write);
  return next;
}

function alter(columns: Map<string, readonly Ticket[]>, id: string, change: (ticket: Ticket) => Ticket): void {
  for (const [column, tickets] of columns)
    if (tickets.some((ticket) => ticket.id === id))
      columns.set(
        column,
        tickets.map((ticket) => (ticket.id === id ? change(ticket) : ticket)),
      );
}

function lay(columns: Map<string, readonly Ticket[]>, write: OwnWrite): void {
  // The order of the columns is laid over the boards.
  if (write.kind === "move_column") return;
  if (write.kind === "edit") return alter(columns, write.ticketId, (ticket) => ({ ...ticket, ...write.fields }));
  if (write.kind === "link" || write.kind === "unlink") {
    const { dependsOn: other, kind, ticketId } = write;
    return alter(columns, ticketId, (ticket) => {
      const others = ticket.dependsOn.filter((id) => id !== other);
      return { ...ticket, dependsOn: kind === "link" ? [...others, other] : others };
    });
  }
  // A column that somebody has removed meanwhile: the server refuses the move.
  if (write.kind === "move" && !columns.has(write.column)) return;
  const ids = new Set(write.ticketIds);
  const found = new Map<string, Ticket>();
  for (const [column, tickets] of columns) {
    const staying = tickets.filter((ticket) => {
      if (ids.has(ticket.id)) found.set(ticket.id, ticket);
      return !ids.has(ticket.id);
    });
    if (staying.length !== tickets.length) columns.set(column, staying);
  }
  if (write.kind === "delete") return;
  const { before, column } = write;
  const moving = write.ticketIds.flatMap((id) => {
    const ticket = found.get(id);
    return ticket === undefined ? [] : [ticket.column === column ? ticket : { ...ticket, column }];
  });
  columns.set(column, placed(columns.get(column) ?? [], moving, before));
}
