import type { Notice } from "../../../contracts/notice.ts";
import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { listNotices, readNotices } from "../../db/stores/notice.ts";

/** A page of the person's notices in the tenant, newest first. `run.read`. */
export async function getNotices(
  { db }: Pick<ServiceDeps, "db">,
  scope: PersonScope,
  filter: { readonly unread: boolean; readonly before: number | undefined; readonly limit: number },
): Promise<{ items: Notice[]; nextCursor: string | null }> {
  requirePermission(scope, "run.read");
  const rows = await listNotices(db, scope, { ...filter, limit: filter.limit + 1 });
  const items = rows.slice(0, filter.limit).map(noticeView);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > filter.limit && last !== undefined ? last.id : null };
}

/** Marks the person's notices up to an id as read; those that are read already keep their time. `run.read`. */
export async function markNoticesRead(
  { db, now }: Pick<ServiceDeps, "db" | "now">,
  scope: PersonScope,
  upTo: number,
): Promise<void> {
  requirePermission(scope, "run.read");
  await readNotices(db, scope, upTo, now());
}

function noticeView({ id, projectKey, run, ticket, ...row }: Awaited<ReturnType<typeof listNotices>>[number]): Notice {
  return {
    ...row,
    id: String(id),
    run: run === null ? null : { ...run, id: String(run.id) },
    ticket:
      ticket === null
        ? null
        : {
            id: String(ticket.id),
            key: `${projectKey ?? ""}-${ticket.number}`,
            title: ticket.title,
            projectId: String(ticket.projectId),
          },
  };
}
