import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { TicketStage } from "../../../contracts/project.ts";
import { project } from "./project.ts";
import { organization, user } from "./tenancy.ts";

/** A column of a board. `stage` says which of the six stages of work its tickets are in, whatever the column is called. */
export interface StoredColumn {
  /** Unique in its project. Tickets name their column by it. */
  readonly id: string;
  readonly name: string;
  readonly stage: TicketStage;
  /** More tickets than this are too many at once; null: no limit. */
  readonly wipLimit: number | null;
}

/** A board of a project: columns in order. Each ticket of the project is in one column of one of its boards. */
export const board = sqliteTable(
  "board",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text().notNull(),
    columns: text({ mode: "json" }).$type<readonly StoredColumn[]>().notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [index("board_project").on(table.tenantId, table.projectId, table.id)],
);

/** A way to look at a project's board that somebody saved: filters, grouping and order, as the page's address holds them. */
export const savedView = sqliteTable(
  "saved_view",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    ownerId: integer("owner_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    name: text().notNull(),
    /** The query of the page's address, without its question mark. */
    query: text().notNull(),
    isShared: integer("is_shared", { mode: "boolean" }).notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    index("saved_view_project").on(table.tenantId, table.projectId, table.name),
    index("saved_view_owner").on(table.ownerId),
  ],
);
