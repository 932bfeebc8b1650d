import type { Board } from "../../../contracts/board.ts";
import { ticketColumns } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listTickets } from "../../db/stores/board.ts";
import { viewerOf } from "../connector/visibility.ts";
import { readProject } from "../project/get-project.ts";
import { ticketView } from "./ticket-view.ts";

/**
 * A project's board: every column, also the empty ones, with its tickets in order, as they were at change `headSeq`. `ticket.read`.
 * Two queries, at once.
 */
export async function getBoard(deps: ServiceDeps, scope: Scope, projectId: number): Promise<Board> {
  requirePermission(scope, "ticket.read");
  const [project, rows] = await Promise.all([
    readProject(deps, scope, projectId),
    listTickets(deps.db, scope.tenantId, viewerOf(deps, scope), projectId),
  ]);
  const tickets = rows.flatMap(({ ticket, ...row }) => (ticket === null ? [] : ticketView({ ...row, ticket })));
  return {
    project,
    headSeq: rows[0]?.headSeq ?? 0,
    columns: ticketColumns.map((column) => ({ column, tickets: tickets.filter((ticket) => ticket.column === column) })),
  };
}
