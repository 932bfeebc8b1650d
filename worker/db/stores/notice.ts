import { and, desc, eq, gte, isNotNull, isNull, lt, lte, ne, or, sql } from "drizzle-orm";
import type { RunNoticeReason } from "../../../domain/run/effects.ts";
import type { Database, Statement } from "../client.ts";
import { member, notice, project, run, ticket, ticketComment } from "../schema/index.ts";

/** A notice on its way in; it goes to the person who started the run. */
export interface NewNotice {
  readonly tenantId: number;
  readonly runId: number;
  readonly reason: RunNoticeReason;
  readonly text: string;
  readonly atMs: number;
}

/** Inserts the notice of an effect, once for a key. A run that no person answers for makes none. */
export function insertNotice(db: Database, effectKey: string, { atMs, reason, runId, tenantId, text }: NewNotice) {
  return db
    .insert(notice)
    .select(
      sql`select null, ${tenantId}, ${run.startedBy}, ${run.id}, null, ${reason}, ${text}, ${effectKey}, ${atMs}, null from ${run}
        where ${and(eq(run.tenantId, tenantId), eq(run.id, runId), isNotNull(run.startedBy))}`,
    )
    .onConflictDoNothing({ target: notice.effectKey });
}

/** The mentions of a comment: one that has its id, or one that the same batch inserts under its source key. */
export interface NewMentions {
  readonly comment: { readonly id: number } | { readonly sourceKey: string };
  readonly authorId: number;
  /** The ids of the people who are mentioned. */
  readonly userIds: readonly string[];
  readonly text: string;
  readonly atMs: number;
}

/** Inserts a notice for each member whom a comment mentions, once for a comment and a person; none for its author or for a stranger. */
export function insertMentions(
  db: Database,
  tenantId: number,
  { atMs, authorId, comment, text, userIds }: NewMentions,
): Statement {
  return db
    .insert(notice)
    .select(
      sql`select null, ${tenantId}, ${member.userId}, null, ${ticketComment.ticketId}, 'mentioned', ${text},
          ${mentionKey} || ${ticketComment.id} || ':' || ${member.userId}, ${atMs}, null
        from ${ticketComment} inner join ${member} on ${eq(member.organizationId, ticketComment.tenantId)}
        where ${and(
          eq(ticketComment.tenantId, tenantId),
          "id" in comment ? eq(ticketComment.id, comment.id) : eq(ticketComment.sourceKey, comment.sourceKey),
          sql`${member.userId} in (select value from json_each(${JSON.stringify(userIds.map(Number))}))`,
          ne(member.userId, authorId),
        )}`,
    )
    .onConflictDoNothing({ target: notice.effectKey });
}

const mentionKey = "mention:";

/** Deletes the notices of a comment's mentions. */
export function deleteMentions(db: Database, tenantId: number, commentId: number): Statement {
  const start = `${mentionKey}${commentId}`;
  // The keys that begin with "<start>:" lie before "<start>;", the next character.
  return db
    .delete(notice)
    .where(and(eq(notice.tenantId, tenantId), gte(notice.effectKey, `${start}:`), lt(notice.effectKey, `${start};`)));
}

/** A person's notices in a tenant, newest first. `before` is the id that a page starts under. */
export function listNotices(
  db: Database,
  { tenantId, userId }: { readonly tenantId: number; readonly userId: number },
  filter: { readonly unread: boolean; readonly before: number | undefined; readonly limit: number },
) {
  return db
    .select({
      id: notice.id,
      reason: notice.reason,
      text: notice.text,
      atMs: notice.atMs,
      readAtMs: notice.readAtMs,
      run: { id: run.id, title: run.title, state: run.state },
      ticket: { id: ticket.id, number: ticket.number, title: ticket.title, projectId: ticket.projectId },
      projectKey: project.key,
    })
    .from(notice)
    .leftJoin(run, eq(run.id, notice.runId))
    .leftJoin(ticket, eq(ticket.id, notice.ticketId))
    .leftJoin(project, eq(project.id, ticket.projectId))
    .where(
      and(
        eq(notice.tenantId, tenantId),
        eq(notice.userId, userId),
        // A run has no row for a moment after its start.
        or(isNotNull(run.id), isNotNull(ticket.id)),
        filter.unread ? isNull(notice.readAtMs) : undefined,
        filter.before === undefined ? undefined : lt(notice.id, filter.before),
      ),
    )
    .orderBy(desc(notice.id))
    .limit(filter.limit);
}

/** Marks a person's notices up to an id as read. */
export function readNotices(
  db: Database,
  { tenantId, userId }: { readonly tenantId: number; readonly userId: number },
  upTo: number,
  atMs: number,
) {
  return db
    .update(notice)
    .set({ readAtMs: atMs })
    .where(
      and(eq(notice.tenantId, tenantId), eq(notice.userId, userId), lte(notice.id, upTo), isNull(notice.readAtMs)),
    );
}
