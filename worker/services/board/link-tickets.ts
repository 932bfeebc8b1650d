import type { BoardWritten } from "../../../contracts/board.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { requireTicketProject, writeBoard } from "./write-board.ts";

/**
 * Makes a ticket depend on another one of its project (`link`), or no more (`unlink`); what is so already stays. `ticket.edit`.
 * `conflict` with the way shown for a circle, `invalid_request` for a ticket that can't be depended on, `not_found`.
 */
export async function linkTickets(
  deps: ServiceDeps,
  scope: Scope,
  kind: "link" | "unlink",
  { dependsOn, ticketId }: { readonly ticketId: string; readonly dependsOn: string },
): Promise<BoardWritten> {
  requirePermission(scope, "ticket.edit");
  const projectId = await requireTicketProject(deps, scope, Number(ticketId));
  const { headSeq } = await writeBoard(deps, scope, projectId, { kind, ticketId, dependsOn });
  return { headSeq };
}
