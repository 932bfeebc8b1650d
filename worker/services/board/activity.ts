import type { Activity } from "../../../contracts/ticket-parts.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listActivity } from "../../db/stores/ticket-activity.ts";
import { requireTicketProject } from "./write-board.ts";

/** A page of the things that were done to a ticket, newest first. `ticket.read`. `not_found` without the ticket. */
export async function getActivity(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  ticketId: number,
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<{ items: Activity[]; nextCursor: string | null }> {
  requirePermission(scope, "ticket.read");
  const [, rows] = await Promise.all([
    requireTicketProject({ db }, scope, ticketId),
    listActivity(db, scope.tenantId, ticketId, { ...page, limit: page.limit + 1 }),
  ]);
  const items = rows.slice(0, page.limit).map(({ action, actorId, actorKey, actorKind, atMs, data, id, person }) => ({
    id: String(id),
    atMs,
    actor: {
      kind: actorKind,
      id: actorId === null ? null : String(actorId),
      name: person?.name ?? actorKey.slice(actorKey.indexOf(":") + 1),
      avatarUrl: person?.image ?? null,
    },
    action,
    data: { ...data },
  }));
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}
