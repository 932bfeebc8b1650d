import { transferColumns, type TransferFormat, type TransferTicket } from "../../../../contracts/ticket-transfer.ts";
import { byRank } from "../../../../domain/board/facts.ts";
import { transferTables, transferWriter } from "../../../../domain/board/transfer.ts";
import { cellsOfTicket } from "../../../../domain/board/transfer-cells.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../../context.ts";
import { findBoardTickets } from "../../../db/stores/board-read.ts";
import { readBoardFacts } from "../../../db/stores/board-write.ts";
import { ServiceError } from "../../../errors.ts";
import { writeCsv } from "./csv.ts";
import { isoTime } from "../iso-time.ts";
import { readTransferNames } from "./names.ts";

/** Tickets that are read and written at once. */
const pageSize = 200;

/** How each format is written: its beginning, a page of tickets, and its end. */
interface Form {
  readonly start: string;
  readonly page: (tickets: readonly TransferTicket[], isFirst: boolean) => string;
  readonly end: string;
}

const forms: Readonly<Record<TransferFormat, Form>> = {
  csv: {
    start: writeCsv([[...transferColumns]]),
    page: (tickets) => writeCsv(tickets.map(cellsOfTicket)),
    end: "",
  },
  json: {
    start: "[",
    page: (tickets, isFirst) =>
      tickets.map((ticket, index) => `${isFirst && index === 0 ? "\n" : ",\n"}${JSON.stringify(ticket)}`).join(""),
    end: "\n]\n",
  },
};

/** A file on its way out. */
export interface ExportedFile {
  readonly name: string;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * A project's tickets as a file, in the order of its boards. `ticket.read`. Pages are read while the file is sent; a ticket that is
 * deleted meanwhile is left out. `not_found` without the project.
 */
export async function exportTickets(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  { format, withBom }: { readonly format: TransferFormat; readonly withBom: boolean },
): Promise<ExportedFile> {
  requirePermission(scope, "ticket.read");
  const { db } = deps;
  const place = { tenantId: scope.tenantId, projectId };
  const facts = await readBoardFacts(db, place);
  if (facts === undefined) throw new ServiceError("not_found", "There is no such project.");
  const names = { ...(await readTransferNames(deps, scope, projectId, [])), boards: facts.boards };
  const write = transferWriter(names, transferTables(names), isoTime);
  const places = new Map(facts.boards.flatMap(({ columns }) => columns).map(({ id }, index) => [id, index]));
  const shown = facts.tickets
    .filter(({ deletedAtMs }) => deletedAtMs === null)
    .map((ticket) => ({ ...ticket, id: String(ticket.id), place: places.get(ticket.column) ?? places.size }))
    .toSorted((a, b) => a.place - b.place || byRank(a, b));
  const keys = new Map(shown.map(({ id, number }) => [id, `${facts.key}-${number}`]));
  const page = async (ids: readonly string[]): Promise<readonly TransferTicket[]> => {
    const tickets = new Map((await findBoardTickets(db, place, ids)).map((ticket) => [ticket.id, ticket]));
    return ids.flatMap((id) => {
      const ticket = tickets.get(id);
      return ticket === undefined ? [] : write(ticket, (other) => keys.get(other));
    });
  };
  const form = forms[format];
  const start = `${withBom && format === "csv" ? "\uFEFF" : ""}${form.start}`;
  const ids = shown.map(({ id }) => id);
  return {
    name: `${facts.key}-tickets-${isoTime(deps.now()).slice(0, 10)}.${format}`,
    body: streamed({ ...form, start }, ids, page),
  };
}

function streamed(
  form: Form,
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly TransferTicket[]>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let sent = 0;
  let isFirst = true;
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(form.start)),
    async pull(controller) {
      const tickets = await read(ids.slice(sent, sent + pageSize));
      sent += pageSize;
      if (tickets.length > 0) controller.enqueue(encoder.encode(form.page(tickets, isFirst)));
      isFirst &&= tickets.length === 0;
      if (sent < ids.length) return;
      if (form.end !== "") controller.enqueue(encoder.encode(form.end));
      controller.close();
    },
  });
}
