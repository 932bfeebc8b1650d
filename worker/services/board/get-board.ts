import { ticketColumns, type Board } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { listTickets } from "../../db/stores/board.ts";
import { getProject } from "../project/get-project.ts";
import { ticketView } from "./ticket-view.ts";

/** A project's board: every column, also the empty ones, with its tickets in order. Two queries, at once. */
export async function getBoard(context: ServiceContext, projectId: number): Promise<Board> {
  const [project, rows] = await Promise.all([
    getProject(context, projectId),
    listTickets(context.db, context.tenantId, projectId),
  ]);
  const tickets = rows.map(ticketView);
  return {
    project,
    columns: ticketColumns.map((column) => ({ column, tickets: tickets.filter((ticket) => ticket.column === column) })),
  };
}
