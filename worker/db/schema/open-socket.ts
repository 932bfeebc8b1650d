import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organization, session } from "./tenancy.ts";

/**
 * The Durable Objects on which a session has opened sockets, so that signing out can close them. Rows go with their session. A
 * socket of a run may be opened before the run's row is written, so no row of it is named.
 */
export const openSocket = sqliteTable(
  "open_socket",
  {
    sessionId: integer("session_id")
      .notNull()
      .references(() => session.id, { onDelete: "cascade" }),
    /** The object's name: `run:7` or `board:7`. */
    object: text().notNull(),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.sessionId, table.object] }), index("open_socket_tenant").on(table.tenantId)],
);
