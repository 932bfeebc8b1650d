import { and, asc, eq, or, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { project, savedView, user } from "../schema/index.ts";

/** A person in a tenant, who sees their own views and the shared ones. */
export interface ViewReader {
  readonly tenantId: number;
  readonly userId: number;
}

const seen = ({ tenantId, userId }: ViewReader) =>
  and(eq(savedView.tenantId, tenantId), or(eq(savedView.ownerId, userId), eq(savedView.isShared, true)));

function selectViews(db: Database) {
  return db
    .select({ view: savedView, owner: { name: sql<string>`${user.name}`.as("owner_name"), image: user.image } })
    .from(savedView)
    .innerJoin(user, eq(user.id, savedView.ownerId))
    .$dynamic();
}

/** The views of a project that a person sees, by name. */
export function listViews(db: Database, reader: ViewReader, projectId: number) {
  return selectViews(db)
    .where(and(seen(reader), eq(savedView.projectId, projectId)))
    .orderBy(asc(savedView.name), asc(savedView.id));
}

/** One view that a person sees: at most one row. */
export function findView(db: Database, reader: ViewReader, id: number) {
  return selectViews(db)
    .where(and(seen(reader), eq(savedView.id, id)))
    .limit(1);
}

export type ViewRow = Awaited<ReturnType<typeof findView>>[number];

/** Makes a view of the tenant's project, unless its owner has `most` of them there already. Answers its id, or no row. */
export function insertView(
  db: Database,
  { tenantId, userId }: ViewReader,
  projectId: number,
  view: { readonly name: string; readonly query: string; readonly isShared: boolean },
  { atMs, most }: { readonly atMs: number; readonly most: number },
) {
  const own = sql`(select count(*) from ${savedView} where ${savedView.tenantId} = ${tenantId}
    and ${savedView.projectId} = ${projectId} and ${savedView.ownerId} = ${userId})`;
  return db
    .insert(savedView)
    .select(
      sql`select null, ${tenantId}, ${project.id}, ${userId}, ${view.name}, ${view.query}, ${view.isShared ? 1 : 0}, ${atMs}
        from ${project} where ${project.tenantId} = ${tenantId} and ${project.id} = ${projectId} and ${own} < ${most}`,
    )
    .returning({ id: savedView.id });
}

/** Changes fields of a person's own view. */
export function updateView(
  db: Database,
  { tenantId, userId }: ViewReader,
  id: number,
  fields: { readonly name?: string; readonly query?: string; readonly isShared?: boolean },
) {
  return db
    .update(savedView)
    .set(fields)
    .where(and(eq(savedView.tenantId, tenantId), eq(savedView.id, id), eq(savedView.ownerId, userId)));
}

/** Removes a view of the tenant. */
export function deleteView(db: Database, tenantId: number, id: number) {
  return db.delete(savedView).where(and(eq(savedView.tenantId, tenantId), eq(savedView.id, id)));
}
