import { and, desc, eq, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import { audit, user } from "../schema/index.ts";

/** The audit entries about a ticket, newest first, each with the name that its actor has now. `before` is the id that a page starts under. */
export function listActivity(
  db: Database,
  tenantId: number,
  ticketId: number,
  page: { readonly before: number | undefined; readonly limit: number },
) {
  return db
    .select({
      id: audit.id,
      atMs: audit.atMs,
      action: audit.action,
      data: audit.data,
      actorKind: audit.actorKind,
      actorKey: audit.actorKey,
      actorId: audit.actorId,
      person: { name: user.name, image: user.image },
    })
    .from(audit)
    .leftJoin(user, and(eq(audit.actorKind, "person"), eq(user.id, audit.actorId)))
    .where(
      and(
        eq(audit.tenantId, tenantId),
        eq(audit.subject, `ticket:${ticketId}`),
        page.before === undefined ? undefined : lt(audit.id, page.before),
      ),
    )
    .orderBy(desc(audit.id))
    .limit(page.limit);
}
