import type { Ticket } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { findTicket } from "../../db/stores/board.ts";
import { ServiceError } from "../../errors.ts";
import { ticketView } from "./ticket-view.ts";

/** One ticket of the tenant, or `not_found`. One query. */
export async function getTicket(context: ServiceContext, id: number): Promise<Ticket> {
  const row = await findTicket(context.db, context.tenantId, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such ticket.");
  return ticketView(row);
}
