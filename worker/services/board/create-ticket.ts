import type { CreateTicket, Ticket } from "../../../contracts/project.ts";
import { requirePermission, responsibleUserId, type Scope, type ServiceDeps } from "../../context.ts";
import { projectExists } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { readTicket } from "./get-ticket.ts";
import { requireTicketFields, writeBoard } from "./write-board.ts";

/**
 * Makes a ticket at the end of its column. `ticket.create`. `not_found` without the project, `unknown_repository` when
 * the tenant does not have its repository or the person does not see it, `invalid_request` for an assignee or a parent from elsewhere.
 */
export async function createTicket(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  input: CreateTicket,
): Promise<Ticket> {
  requirePermission(scope, "ticket.create");
  if (!(await projectExists(deps.db, scope.tenantId, projectId)))
    throw new ServiceError("not_found", "There is no such project.");
  const { assigneeId = null, parentId = null, repositoryId = null, column = null, ...fields } = input;
  await requireTicketFields(deps, scope, { assigneeId, repositoryId });
  const number = (id: string | null): number | null => (id === null ? null : Number(id));
  const ticket = {
    ...fields,
    column,
    title: input.title.trim(),
    assigneeId: number(assigneeId),
    parentId: number(parentId),
    repositoryId: number(repositoryId),
    createdBy: responsibleUserId(scope.actor),
    sourceKey: null,
    dependsOn: [],
  };
  const { ticketIds } = await writeBoard(deps, scope, projectId, { kind: "create", tickets: [ticket] });
  return readTicket(deps, scope, Number(ticketIds[0]));
}
