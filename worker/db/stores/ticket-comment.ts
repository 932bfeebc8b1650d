import { and, count, desc, eq, isNull, lt } from "drizzle-orm";
import type { Actor } from "../../../contracts/actor.ts";
import { isUniqueViolation, type Database, type Statement } from "../client.ts";
import { ticket, ticketComment, ticketCommentVersion } from "../schema/index.ts";

/** A comment's row. */
export type CommentRow = typeof ticketComment.$inferSelect;

/** Comments of a ticket that are not deleted, newest first. `before` is the id that a page starts under. */
export function listComments(
  db: Database,
  tenantId: number,
  ticketId: number,
  page: { readonly before: number | undefined; readonly limit: number },
) {
  return db
    .select()
    .from(ticketComment)
    .where(
      and(
        eq(ticketComment.tenantId, tenantId),
        eq(ticketComment.ticketId, ticketId),
        isNull(ticketComment.deletedAtMs),
        page.before === undefined ? undefined : lt(ticketComment.id, page.before),
      ),
    )
    .orderBy(desc(ticketComment.id))
    .limit(page.limit);
}

/** A comment of the tenant with the project of its ticket, also a deleted one: at most one row. */
export async function findComment(
  db: Database,
  tenantId: number,
  by: { readonly id: number } | { readonly sourceKey: string },
) {
  const rows = await db
    .select({ comment: ticketComment, projectId: ticket.projectId })
    .from(ticketComment)
    .innerJoin(ticket, eq(ticket.id, ticketComment.ticketId))
    .where(
      and(
        eq(ticketComment.tenantId, tenantId),
        "id" in by ? eq(ticketComment.id, by.id) : eq(ticketComment.sourceKey, by.sourceKey),
      ),
    )
    .limit(1);
  return rows[0];
}

/** How many comments of a ticket are not deleted. */
export async function countComments(db: Database, tenantId: number, ticketId: number): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(ticketComment)
    .where(
      and(
        eq(ticketComment.tenantId, tenantId),
        eq(ticketComment.ticketId, ticketId),
        isNull(ticketComment.deletedAtMs),
      ),
    );
  return row?.count ?? 0;
}

/** Earlier texts of a comment, newest first. */
export function listCommentVersions(db: Database, tenantId: number, commentId: number) {
  return db
    .select({
      version: ticketCommentVersion.version,
      body: ticketCommentVersion.body,
      atMs: ticketCommentVersion.atMs,
    })
    .from(ticketCommentVersion)
    .where(and(eq(ticketCommentVersion.tenantId, tenantId), eq(ticketCommentVersion.commentId, commentId)))
    .orderBy(desc(ticketCommentVersion.version))
    .limit(500);
}

/** A comment on its way in. */
export interface NewComment {
  readonly ticketId: number;
  readonly authorId: number | null;
  readonly actor: Actor;
  readonly body: string;
  readonly sourceKey: string;
  readonly atMs: number;
}

/** Inserts a comment. Its source key is unique: see `isCommentRepeated`. */
export function insertComment(db: Database, tenantId: number, { atMs, ...comment }: NewComment): Statement {
  return db.insert(ticketComment).values({ tenantId, ...comment, createdAtMs: atMs });
}

/** Whether D1 refused a comment because it was made before. */
export function isCommentRepeated(error: unknown): boolean {
  return isUniqueViolation(error, "ticket_comment.source_key");
}

/** Keeps the text that a comment has, then gives it another one. */
export function rewriteComment(
  db: Database,
  { body, ...old }: CommentRow,
  next: string,
  atMs: number,
): readonly Statement[] {
  return [
    db.insert(ticketCommentVersion).values({
      commentId: old.id,
      version: old.version,
      tenantId: old.tenantId,
      body,
      atMs: old.editedAtMs ?? old.createdAtMs,
    }),
    db
      .update(ticketComment)
      .set({ body: next, version: old.version + 1, editedAtMs: atMs })
      .where(and(eq(ticketComment.tenantId, old.tenantId), eq(ticketComment.id, old.id))),
  ];
}

/** Deletes a comment, or restores it with `deletedAtMs` null. */
export function setCommentDeleted(db: Database, { id, tenantId }: CommentRow, deletedAtMs: number | null): Statement {
  return db
    .update(ticketComment)
    .set({ deletedAtMs })
    .where(and(eq(ticketComment.tenantId, tenantId), eq(ticketComment.id, id)));
}
