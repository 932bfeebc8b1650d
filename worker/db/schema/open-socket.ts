import { index, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { runNumber } from "./run.ts";
import { session } from "./tenancy.ts";

/**
 * Runs whose sockets a session has opened, so that signing out can close them. Rows go with their session. A socket may be opened
 * before the run's row is written, so they name the run by its number.
 */
export const openSocket = sqliteTable(
  "open_socket",
  {
    sessionId: integer("session_id")
      .notNull()
      .references(() => session.id, { onDelete: "cascade" }),
    runId: integer("run_id")
      .notNull()
      .references(() => runNumber.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.sessionId, table.runId] }), index("open_socket_run").on(table.runId)],
);
