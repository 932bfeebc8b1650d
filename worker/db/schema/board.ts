import {
  type AnySQLiteColumn,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { ticketPriorities, ticketTypes } from "../../../contracts/project.ts";
import { repository } from "./connector.ts";
import { project } from "./project.ts";
import { organization, user } from "./tenancy.ts";

/** A work item. `rank` orders a column as text, smallest first (`domain/board/rank.ts`); `version` grows with each edit. */
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
    column: text().notNull(),
    rank: text().notNull().default(""),
    version: integer().notNull().default(1),
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
    /** When it was deleted, in UTC milliseconds; null: it was not. A deleted ticket can be restored. */
    deletedAtMs: integer("deleted_at_ms"),
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

/**
 * A project's committed changes of its board, numbered densely from 1: the project's board object inserts each in the batch of the change
 * itself, so that its number can't be taken twice. Old ones are pruned.
 */
export const boardChange = sqliteTable(
  "board_change",
  {
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    seq: integer().notNull(),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    /** A BoardChange as JSON. */
    change: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.seq] }), index("board_change_tenant").on(table.tenantId)],
);
