import type { Ticket } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { findTicket } from "../../db/stores/board.ts";
import { ServiceError } from "../../errors.ts";
import { viewerOf } from "../connector/visibility.ts";
import { ticketView } from "./ticket-view.ts";

/** One ticket of the tenant, or `not_found`. `ticket.read`. One query. */
export async function getTicket(deps: ServiceDeps, scope: Scope, id: number): Promise<Ticket> {
  requirePermission(scope, "ticket.read");
  return readTicket(deps, scope, id);
}

/** The same for a verb that has checked the actor's permission: for it, a ticket that it has just made. */
export async function readTicket(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Pick<Scope, "actor" | "tenantId">,
  id: number,
): Promise<Ticket> {
  const row = await findTicket(deps.db, scope.tenantId, viewerOf(deps, scope), id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such ticket.");
  return ticketView(row);
}
