import type { BoardWritten, EditTicket, MoveTickets } from "../../../contracts/board.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { readTicket } from "./get-ticket.ts";
import { requireTicketFields, requireTicketProject, writeBoard } from "./write-board.ts";

/** Moves tickets within their project's board. `ticket.move`. `not_found` for a ticket that the project does not have or that was deleted. */
export async function moveTickets(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  move: MoveTickets,
): Promise<BoardWritten> {
  requirePermission(scope, "ticket.move");
  const { headSeq } = await writeBoard(deps, scope, projectId, { kind: "move", move });
  return { headSeq };
}

/**
 * Changes fields of a ticket. `ticket.edit`. `conflict` when the ticket was changed since the version that the edit names: nothing is
 * saved then. `unknown_repository` and `invalid_request` as for a new ticket.
 */
export async function editTicket(deps: ServiceDeps, scope: Scope, id: number, edit: EditTicket): Promise<Ticket> {
  requirePermission(scope, "ticket.edit");
  const projectId = await requireTicketProject(deps, scope, id);
  const { assigneeId = null, repositoryId = null, title } = edit;
  await requireTicketFields(deps, scope, { assigneeId, repositoryId });
  const trimmed = title === undefined ? edit : { ...edit, title: title.trim() };
  await writeBoard(deps, scope, projectId, { kind: "edit", ticketId: String(id), edit: trimmed });
  return readTicket(deps, scope, id);
}

/** Deletes a ticket; it can be restored. `ticket.edit`. `not_found` without it; one that is deleted already stays so. */
export async function deleteTicket(deps: ServiceDeps, scope: Scope, id: number): Promise<BoardWritten> {
  requirePermission(scope, "ticket.edit");
  const projectId = await requireTicketProject(deps, scope, id);
  const { headSeq } = await writeBoard(deps, scope, projectId, { kind: "delete", ticketIds: [String(id)] });
  return { headSeq };
}

/** Brings a deleted ticket back to its place. `ticket.edit`. `not_found` without it; one that is not deleted stays as it is. */
export async function restoreTicket(deps: ServiceDeps, scope: Scope, id: number): Promise<Ticket> {
  requirePermission(scope, "ticket.edit");
  const projectId = await requireTicketProject(deps, scope, id);
  await writeBoard(deps, scope, projectId, { kind: "restore", ticketIds: [String(id)] });
  return readTicket(deps, scope, id);
}
