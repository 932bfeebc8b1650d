import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { noticeReasons } from "../../../contracts/notice.ts";
import { ticket } from "./board.ts";
import { runNumber } from "./run.ts";
import { organization, user } from "./tenancy.ts";

/** A notice to a person: a run waits for them or has failed, or a comment mentions them. It names its run or its ticket. */
export const notice = sqliteTable(
  "notice",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    userId: integer("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    runId: integer("run_id").references(() => runNumber.id, { onDelete: "cascade" }),
    ticketId: integer("ticket_id").references(() => ticket.id, { onDelete: "cascade" }),
    reason: text({ enum: noticeReasons }).notNull(),
    text: text().notNull(),
    /** The effect or the comment that made it, so that repeating it makes no second one. */
    effectKey: text("effect_key").notNull().unique(),
    atMs: integer("at_ms").notNull(),
    /** When the person has read it; null until then. */
    readAtMs: integer("read_at_ms"),
  },
  (table) => [
    index("notice_person").on(table.tenantId, table.userId, table.id),
    index("notice_run").on(table.runId),
    index("notice_ticket").on(table.ticketId),
  ],
);
