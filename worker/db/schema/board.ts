import {
  type AnySQLiteColumn,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { ticketColumns, ticketPriorities, ticketTypes } from "../../../contracts/project.ts";
import { repository } from "./connector.ts";
import { project } from "./project.ts";
import { organization, user } from "./tenancy.ts";

/** A work item. `rank` orders a column, smallest first; a new ticket takes the largest plus 1024. */
export const ticket = sqliteTable(
  "ticket",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    type: text({ enum: ticketTypes }).notNull(),
    title: text().notNull(),
    description: text().notNull().default(""),
    acceptanceCriteria: text("acceptance_criteria").notNull().default(""),
    column: text({ enum: ticketColumns }).notNull(),
    rank: real().notNull(),
    priority: text({ enum: ticketPriorities }).notNull().default("none"),
    labels: text({ mode: "json" }).$type<readonly string[]>().notNull(),
    assigneeId: integer("assignee_id").references(() => user.id, { onDelete: "set null" }),
    repositoryId: integer("repository_id").references(() => repository.id, { onDelete: "set null" }),
    parentId: integer("parent_id").references((): AnySQLiteColumn => ticket.id, { onDelete: "set null" }),
    /** Its origin, where making it may be repeated: an approved plan's run, hash and task. */
    sourceKey: text("source_key"),
    createdBy: integer("created_by").references(() => user.id, { onDelete: "set null" }),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("ticket_project_number").on(table.projectId, table.number),
    index("ticket_board").on(table.tenantId, table.projectId, table.column, table.rank),
    index("ticket_parent").on(table.parentId),
    uniqueIndex("ticket_source").on(table.projectId, table.sourceKey),
  ],
);

/** `ticketId` can start once `dependsOnId` is done. */
export const ticketDependency = sqliteTable(
  "ticket_dependency",
  {
    ticketId: integer("ticket_id")
      .notNull()
      .references(() => ticket.id, { onDelete: "cascade" }),
    dependsOnId: integer("depends_on_id")
      .notNull()
      .references(() => ticket.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.ticketId, table.dependsOnId] }),
    index("ticket_dependency_reverse").on(table.dependsOnId),
  ],
);
