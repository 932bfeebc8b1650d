import { and, desc, eq, isNotNull, isNull, lt, lte, sql } from "drizzle-orm";
import type { NoticeReason } from "../../../domain/run/effects.ts";
import type { Database } from "../client.ts";
import { notice, run } from "../schema/index.ts";

/** A notice on its way in; it goes to the person who started the run. */
export interface NewNotice {
  readonly tenantId: number;
  readonly runId: number;
  readonly reason: NoticeReason;
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
    })
    .from(notice)
    .innerJoin(run, eq(run.id, notice.runId))
    .where(
      and(
        eq(notice.tenantId, tenantId),
        eq(notice.userId, userId),
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
