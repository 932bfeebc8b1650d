import { and, asc, count, desc, eq, isNull } from "drizzle-orm";
import type { NewFile } from "../../ports/board-host.ts";
import type { Database, Statement } from "../client.ts";
import { ticket, ticketAttachment, user } from "../schema/index.ts";

function selectAttachments(db: Database) {
  return db
    .select({
      attachment: ticketAttachment,
      projectId: ticket.projectId,
      // In a batch D1 answers rows by the names of their columns, so no two may be the same.
      creator: { id: user.id, name: user.name, image: user.image },
    })
    .from(ticketAttachment)
    .innerJoin(ticket, eq(ticket.id, ticketAttachment.ticketId))
    .leftJoin(user, eq(user.id, ticketAttachment.createdBy))
    .$dynamic();
}

/** One row of `listAttachments` or `findAttachment`. */
export type AttachmentRow = Awaited<ReturnType<typeof listAttachments>>[number];

const ofTicket = (tenantId: number, ticketId: number) =>
  and(eq(ticketAttachment.tenantId, tenantId), eq(ticketAttachment.ticketId, ticketId));

/** The files of a ticket that are not deleted, oldest first. */
export function listAttachments(db: Database, tenantId: number, ticketId: number) {
  return selectAttachments(db)
    .where(and(ofTicket(tenantId, ticketId), isNull(ticketAttachment.deletedAtMs)))
    .orderBy(asc(ticketAttachment.id));
}

/** A file of the tenant with the project of its ticket, also a deleted one. */
export async function findAttachment(db: Database, tenantId: number, id: number): Promise<AttachmentRow | undefined> {
  const rows = await selectAttachments(db)
    .where(and(eq(ticketAttachment.tenantId, tenantId), eq(ticketAttachment.id, id)))
    .limit(1);
  return rows[0];
}

/** The newest file of a ticket with this content. */
export async function findNewestAttachment(
  db: Database,
  tenantId: number,
  { sha256, ticketId }: Pick<NewFile, "ticketId" | "sha256">,
): Promise<AttachmentRow | undefined> {
  const rows = await selectAttachments(db)
    .where(and(ofTicket(tenantId, ticketId), eq(ticketAttachment.sha256, sha256)))
    .orderBy(desc(ticketAttachment.id))
    .limit(1);
  return rows[0];
}

/** How many files of a ticket are not deleted. */
export async function countAttachments(db: Database, tenantId: number, ticketId: number): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(ticketAttachment)
    .where(and(ofTicket(tenantId, ticketId), isNull(ticketAttachment.deletedAtMs)));
  return row?.count ?? 0;
}

/** Inserts a file's row. */
export function insertAttachment(db: Database, tenantId: number, file: NewFile, atMs: number): Statement {
  return db.insert(ticketAttachment).values({ tenantId, ...file, createdAtMs: atMs });
}

/** Deletes a file, or restores it with `deletedAtMs` null. */
export function setAttachmentDeleted(
  db: Database,
  tenantId: number,
  id: number,
  deletedAtMs: number | null,
): Statement {
  return db
    .update(ticketAttachment)
    .set({ deletedAtMs })
    .where(and(eq(ticketAttachment.tenantId, tenantId), eq(ticketAttachment.id, id)));
}
