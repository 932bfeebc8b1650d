import type { Board } from "../../../contracts/board.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listTickets, type RestOfBoard } from "../../db/stores/board.ts";
import { viewerOf } from "../connector/visibility.ts";
import { readProject } from "../project/get-project.ts";
import { ticketView } from "./ticket-view.ts";

/**
 * A project with its boards, and its tickets in the order of their columns, as they were at change `headSeq`. `ticket.read`. Two
 * queries, at once.
 */
export async function getBoard(deps: ServiceDeps, scope: Scope, projectId: number): Promise<Board> {
  requirePermission(scope, "ticket.read");
  const [project, rows] = await Promise.all([
    readProject(deps, scope, projectId),
    listTickets(deps.db, scope.tenantId, viewerOf(deps, scope), projectId),
  ]);
  const tickets = rows.flatMap(({ ticket, ...row }) => (ticket === null ? [] : ticketView({ ...row, ticket })));
  const { boards, ...fields } = JSON.parse(rows[0]?.rest ?? "{}") as RestOfBoard;
  return { project: { ...project, ...fields }, headSeq: rows[0]?.headSeq ?? 0, boards, tickets };
}
