import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Actor } from "../../../contracts/actor.ts";
import { ticket } from "./board.ts";
import { organization, user } from "./tenancy.ts";

/** A comment on a ticket: its newest text, with the earlier ones in `ticket_comment_version`. */
export const ticketComment = sqliteTable(
  "ticket_comment",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    ticketId: integer("ticket_id")
      .notNull()
      .references(() => ticket.id, { onDelete: "cascade" }),
    /** The person who wrote it; null for a comment by a run or a rule, or by a person who has left. */
    authorId: integer("author_id").references(() => user.id, { onDelete: "set null" }),
    actor: text({ mode: "json" }).$type<Actor>().notNull(),
    /** Markdown. */
    body: text().notNull(),
    version: integer().notNull().default(1),
    /** Names a comment that may be made again, such as a run's; null: each request makes one. */
    sourceKey: text("source_key").unique(),
    createdAtMs: integer("created_at_ms").notNull(),
    editedAtMs: integer("edited_at_ms"),
    /** When it was deleted, in UTC milliseconds; null: it was not. It can be restored. */
    deletedAtMs: integer("deleted_at_ms"),
  },
  (table) => [
    index("ticket_comment_ticket").on(table.ticketId, table.id),
    index("ticket_comment_tenant").on(table.tenantId),
    index("ticket_comment_author").on(table.authorId),
  ],
);

/** An earlier text of a comment that was edited. */
export const ticketCommentVersion = sqliteTable(
  "ticket_comment_version",
  {
    commentId: integer("comment_id")
      .notNull()
      .references(() => ticketComment.id, { onDelete: "cascade" }),
    version: integer().notNull(),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    body: text().notNull(),
    /** When this text was written, in UTC milliseconds. */
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.commentId, table.version] }),
    index("ticket_comment_version_tenant").on(table.tenantId),
  ],
);

/** A file that hangs on a ticket; its bytes are in the object store under `storage_key`. */
export const ticketAttachment = sqliteTable(
  "ticket_attachment",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    ticketId: integer("ticket_id")
      .notNull()
      .references(() => ticket.id, { onDelete: "cascade" }),
    name: text().notNull(),
    mediaType: text("media_type").notNull(),
    bytes: integer().notNull(),
    /** SHA-256 of the bytes, in hexadecimal. */
    sha256: text().notNull(),
    storageKey: text("storage_key").notNull(),
    createdBy: integer("created_by").references(() => user.id, { onDelete: "set null" }),
    createdAtMs: integer("created_at_ms").notNull(),
    /** When it was deleted, in UTC milliseconds; null: it was not. It can be restored. */
    deletedAtMs: integer("deleted_at_ms"),
  },
  (table) => [
    index("ticket_attachment_ticket").on(table.ticketId, table.id),
    index("ticket_attachment_tenant").on(table.tenantId),
    index("ticket_attachment_creator").on(table.createdBy),
  ],
);
